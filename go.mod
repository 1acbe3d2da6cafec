module github.com/shopifysession/toolkit

go 1.26.0

require (
	github.com/golang-jwt/jwt/v5 v5.3.1 // indirect
	github.com/stretchr/testify v1.11.1 // indirect
	pgregory.net/rapid v1.2.0 // indirect
)
