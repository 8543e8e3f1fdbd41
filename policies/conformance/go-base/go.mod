module conformance-base

go 1.25
