package workspace

import (
	"context"

	"marque/report"
)

// overviewDetail is how many operations an overview tells in full.
const overviewDetail = 8

// Overview is the brief on everything that the view shows, kept until the store changes: it must not be written to.
func (w *Workspace) Overview(ctx context.Context, v View) (*report.Brief, error) {
	return w.overviews.get(ctx, w.db, v, func(ctx context.Context) (*report.Brief, error) {
		b, err := w.Brief(ctx, v, report.Options{Generated: w.now().UTC(), Detail: overviewDetail}, "", nil)
		if err != nil {
			return nil, err
		}
		return b.Brief, nil
	})
}
