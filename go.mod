module marque

go 1.26
