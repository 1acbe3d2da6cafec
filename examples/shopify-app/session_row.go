package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// sessionRow is what pages show of a session: everything but its secrets.
type sessionRow struct {
	ID, Shop, Kind string
	Scopes         []string
	Granted        moment
	Expires        moment // of the access token
	Renewable      moment // until when a new token can be had; zero if it can't
	Forever        bool   // it can be renewed, and no end is known
	Expired        bool
}

// moment is a time for a reader and for a machine; both empty: there is none.
type moment struct{ Text, Machine string }

func (a *app) newSessionRow(s *shopifysession.Session) sessionRow {
	now := a.shopify.Now()
	row := sessionRow{
		ID: s.ID, Shop: s.Shop, Kind: kind(s), Scopes: s.Scopes(),
		Granted: newMoment(now, s.GrantedAt()), Expires: newMoment(now, s.Expires),
		Expired: s.ExpiresWithin(now, 0),
	}
	if s.RefreshToken != "" {
		row.Renewable = newMoment(now, s.RefreshTokenExpires)
		row.Forever = s.RefreshTokenExpires.IsZero()
	}
	return row
}

// kind tells whose session it is.
func kind(s *shopifysession.Session) string {
	switch {
	case s.IsOnline && s.OnlineAccessInfo != nil:
		return "Online, user " + strconv.FormatInt(s.OnlineAccessInfo.AssociatedUser.ID, 10)
	case s.IsOnline:
		return "Online"
	case s.AccessToken == "":
		return "Browser login"
	}
	return "Offline"
}

func newMoment(now, t time.Time) moment {
	if t.IsZero() {
		return moment{}
	}
	t = t.UTC()
	return moment{Text: distance(t.Sub(now)), Machine: t.Format(time.RFC3339)}
}

// distance puts a duration into words: in 59 minutes, 3 days ago.
func distance(d time.Duration) string {
	past := d < 0
	if past {
		d = -d
	}
	var words string
	switch d = d.Round(time.Minute); {
	case d < time.Minute:
		if past {
			return "just now"
		}
		return "in less than a minute"
	case d < time.Hour:
		words = count(int(d/time.Minute), "minute")
	case d < 48*time.Hour:
		words = count(int(d/time.Hour), "hour")
	default:
		words = count(int(d/(24*time.Hour)), "day")
	}
	if past {
		return words + " ago"
	}
	return "in " + words
}

func count(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
