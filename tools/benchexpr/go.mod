module github.com/smarticks/smarticks/tools/benchexpr

go 1.26.8

replace github.com/smarticks/smarticks => ../..

require (
	github.com/expr-lang/expr v1.17.8
	github.com/smarticks/smarticks v0.0.0-00010101000000-000000000000
)

require (
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)
