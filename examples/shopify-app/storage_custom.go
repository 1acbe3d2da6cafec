package main

import (
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/custom"
)

// throughCallbacks reaches a storage through a few callbacks, as an app does with
// a database of its own. What has no callback is not there: this one can't list,
// count or clear its sessions.
func throughCallbacks(st shopifysession.SessionStorage) (*custom.CustomSessionStorage, error) {
	c, err := custom.New(st.Store, st.Load, st.Delete)
	if err != nil {
		return nil, err
	}
	c.FindSessionsByShopFunc = st.FindSessionsByShop
	if u, ok := shopifysession.As[shopifysession.Updater](st); ok {
		c.UpdateFunc = u.Update
	}
	return c, nil
}
