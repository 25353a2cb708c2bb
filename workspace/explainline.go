package workspace

import (
	"context"
	"io"

	"marque/match"
)

// ExplainOptions say which line is explained.
type ExplainOptions struct {
	Text     string    // the line itself, or
	Path     string    // the file that holds it, "-" for Stdin,
	Line     int64     // as which line, from 1
	Stdin    io.Reader // what the path "-" means
	Mappings []string  // mapping files beside those of the configuration, tried first
	Unusable func(error)
}

// ExplainLine tells how one line of events is read and which indicators its values meet. Nothing is kept.
func (w *Workspace) ExplainLine(ctx context.Context, o ExplainOptions) (*match.Explained, error) {
	formats, err := w.formats(o.Mappings...)
	if err != nil {
		return nil, err
	}
	line := []byte(o.Text)
	if o.Path != "" {
		source := match.Source{Path: o.Path}
		if o.Path == "-" {
			source.Reader = o.Stdin
		}
		if line, err = source.Line(o.Line, formats); err != nil {
			return nil, err
		}
	}
	set, _, err := w.indicatorSet(ctx, tableSeed, o.Unusable)
	if err != nil {
		return nil, err
	}
	return match.Explain(line, formats, set, w.now()), nil
}
