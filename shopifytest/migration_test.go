package shopifytest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

func TestMigrationReplacesANonExpiringToken(t *testing.T) {
	t.Parallel()
	f := setup(t)
	old := f.permanent()
	pair := f.ok(f.migrate(old))
	require.NotEmpty(t, pair.refresh)
	f.accepted(pair.access)
	f.refusedToken(old)
	f.ok(f.refresh(pair.refresh))
}

func TestMigrationReplaysTheSamePairForSevenDays(t *testing.T) {
	t.Parallel()
	f := setup(t)
	old := f.permanent()
	pair := f.ok(f.migrate(old))
	f.s.Advance(7*day - time.Second)
	require.Equal(t, pair, f.ok(f.migrate(old)))
	f.accepted(pair.access) // its expiry was extended
	f.s.Advance(time.Second)
	f.refused(f.migrate(old), 400, "invalid_subject_token")
	f.ok(f.refresh(pair.refresh))
}

func TestMigrationReplayDoesNotExtendTheRefreshToken(t *testing.T) {
	t.Parallel()
	f := setup(t)
	old := f.permanent()
	pair := f.ok(f.migrate(old))
	f.s.Advance(6 * day)
	f.ok(f.migrate(old))
	f.s.Advance(refreshLife - 6*day)
	f.dead(f.refresh(pair.refresh))
}

func TestMigrationReplayEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(f *fixture, pair tokens) (secret string){
		"with a refresh": func(f *fixture, pair tokens) string {
			f.ok(f.refresh(pair.refresh))
			return f.s.App().APISecret
		},
		"with an acquisition": func(f *fixture, _ tokens) string {
			f.acquire()
			return f.s.App().APISecret
		},
		"with other client credentials": func(f *fixture, _ tokens) string { return f.s.AddSecret() },
		"with an uninstall": func(f *fixture, _ tokens) string {
			f.shop.Uninstall()
			return f.s.App().APISecret
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			old := f.permanent()
			secret := end(f, f.ok(f.migrate(old)))
			f.refused(f.migrate(old, "client_secret", secret), 400, "invalid_subject_token")
		})
	}
}

func TestMigrationTakesOnlyLiveNonExpiringOfflineTokens(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.shop.Install()
	for name, token := range map[string]string{
		"online":             f.ok(f.exchange(map[string]string{"requested_token_type": onlineURN})).access,
		"expiring":           f.acquire().access,
		"client credentials": f.ok(f.post(map[string]string{"grant_type": "client_credentials"})).access,
		"unknown":            "shpat_unknown",
	} {
		r := f.migrate(token)
		require.Equal(t, 400, r.status, name)
		require.Equal(t, "invalid_subject_token", r.text(t, "error"), name)
	}
	old := f.permanent()
	f.refused(f.migrate(old, "expiring", "0"), 400, "invalid_request")
	f.refused(f.migrate(old, "expiring", "maybe"), 400, "invalid_request")
	f.refused(f.migrate(old, "requested_token_type", onlineURN), 400, "invalid_request")
	f.accepted(old)
}

func TestMigrationCanBeRefusedForGood(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.s.SetPolicy(shopifytest.Policy{RefuseMigration: true})
	old := f.permanent()
	f.refused(f.migrate(old), 400, "invalid_subject_token")
	f.accepted(old)
}

func TestTokenExchangeLeavesAnUnmigratedTokenAlive(t *testing.T) {
	t.Parallel()
	f := setup(t)
	old := f.permanent()
	f.acquire()
	f.accepted(old)
	f.ok(f.migrate(old))
}
