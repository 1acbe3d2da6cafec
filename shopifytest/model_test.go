package shopifytest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// chainModel is Shopify's rule in the fewest words: the newest refresh token and
// its predecessor are alive, each within its own limits; nothing else is.
type chainModel struct {
	newest, previous string
	newestEnds       time.Time
	previousEnds     time.Time // 30 days after its first use, or its own end
}

func (m *chainModel) acquired(now time.Time, refresh string) {
	*m = chainModel{newest: refresh, newestEnds: now.Add(refreshLife)}
}

func (m *chainModel) alive(now time.Time, refresh string) bool {
	return refresh == m.newest && now.Before(m.newestEnds) || refresh == m.previous && now.Before(m.previousEnds)
}

func (m *chainModel) refreshed(now time.Time, presented, got string) {
	if presented == m.newest {
		m.previous, m.previousEnds = presented, now.Add(30*day)
		if m.newestEnds.Before(m.previousEnds) {
			m.previousEnds = m.newestEnds
		}
		m.newest, m.newestEnds = got, now.Add(refreshLife)
	}
}

func TestRotationFollowsTheModelWhateverTheOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		f := setup(t)
		var m chainModel
		first := f.acquire().refresh
		m.acquired(f.s.Now(), first)
		all := []string{first}
		r.Repeat(map[string]func(*rapid.T){
			"present": func(r *rapid.T) {
				token := rapid.SampledFrom(all).Draw(r, "token")
				now := f.s.Now()
				got := f.refresh(token)
				if !m.alive(now, token) {
					f.dead(got)
					return
				}
				next := f.ok(got).refresh
				if token == m.previous {
					require.Equal(t, m.newest, next)
				} else {
					all = append(all, next)
				}
				m.refreshed(now, token, next)
			},
			"acquire": func(*rapid.T) {
				token := f.acquire().refresh
				m.acquired(f.s.Now(), token)
				all = append(all, token)
			},
			"wait": func(r *rapid.T) {
				f.s.Advance(time.Duration(rapid.IntRange(1, 40*24).Draw(r, "hours")) * time.Hour)
			},
			"restart": func(*rapid.T) {
				data, err := f.s.Snapshot()
				require.NoError(t, err)
				require.NoError(t, f.s.Restore(data))
			},
			"": func(*rapid.T) {
				for _, token := range all {
					require.Equal(t, m.alive(f.s.Now(), token), f.shop.Refreshable(token))
				}
			},
		})
	})
}
