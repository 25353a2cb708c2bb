package statement_test

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"marque/ledger/witness"
)

// memory is a witness.State that forgets with the test.
type memory map[string]tlog.Tree

var _ witness.State = memory{}

func (m memory) Latest(_ context.Context, origin string) (tlog.Tree, error) { return m[origin], nil }

func (m memory) Keep(_ context.Context, origin string, head tlog.Tree) error {
	m[origin] = head
	return nil
}
