package sqldb_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"time"

	_ "modernc.org/sqlite"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/sqldb"
)

func ExampleNew() {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // a database in memory belongs to one connection

	ctx := context.Background()
	storage, err := sqldb.New(db, sqldb.SQLite, nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := storage.Migrate(ctx); err != nil {
		log.Fatal(err)
	}

	session := &shopifysession.Session{
		ID:          shopifysession.OfflineID("example.myshopify.com"),
		Shop:        "example.myshopify.com",
		Scope:       "read_products",
		AccessToken: "shpat_…",
	}
	if err := storage.Store(ctx, session); err != nil {
		log.Fatal(err)
	}
	loaded, err := storage.Load(ctx, session.ID)
	fmt.Println(loaded, err)
	// Output:
	// Session{ID:"offline_example.myshopify.com" Shop:"example.myshopify.com" IsOnline:false Scope:"read_products" Expires:never AccessToken:[redacted] RefreshToken:} <nil>
}

func ExampleStorage_Migrate() {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)

	ctx := context.Background()
	storage, err := sqldb.New(db, sqldb.SQLite, &sqldb.Options{Table: "app_sessions"})
	if err != nil {
		log.Fatal(err)
	}
	err = storage.Ping(ctx)
	fmt.Println(errors.Is(err, sqldb.ErrNotMigrated), err)

	fmt.Println(storage.Migrate(ctx))
	fmt.Println(storage.Ping(ctx))
	// Output:
	// true sqldb: ping: backend failure: table is missing or old, call Migrate
	// <nil>
	// <nil>
}

func ExampleStorage_Update() {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)

	ctx := context.Background()
	storage, err := sqldb.New(db, sqldb.SQLite, nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := storage.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	err = storage.Update(ctx, "id", func(old *shopifysession.Session) (*shopifysession.Session, error) {
		if old == nil { // not stored yet, or deleted
			old = &shopifysession.Session{ID: "id", Shop: "example.myshopify.com"}
		}
		old.Scope = "read_orders"
		return old, nil // nil would delete it
	})
	if err != nil {
		log.Fatal(err)
	}
	loaded, err := storage.Load(ctx, "id")
	fmt.Println(loaded.Scope, loaded.Version(), err)
	// Output:
	// read_orders 1 <nil>
}

func ExampleStorage_DeleteExpired() {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)

	ctx := context.Background()
	storage, err := sqldb.New(db, sqldb.SQLite, &sqldb.Options{Grace: time.Hour})
	if err != nil {
		log.Fatal(err)
	}
	if err := storage.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	now := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	online := &shopifysession.Session{
		ID: "example.myshopify.com_1", Shop: "example.myshopify.com", IsOnline: true,
		AccessToken: "shpua_…", Expires: now,
	}
	if err := storage.Store(ctx, online); err != nil {
		log.Fatal(err)
	}
	fmt.Println(storage.DeleteExpired(ctx, now.Add(time.Minute)))
	fmt.Println(storage.DeleteExpired(ctx, now.Add(2*time.Hour)))
	// Output:
	// 0 <nil>
	// 1 <nil>
}
