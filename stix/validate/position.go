package validate

import "slices"

// lines turns byte offsets into lines and columns while an input streams by.
type lines struct {
	newlines []int64 // offsets of line feeds not yet dropped
	dropped  int     // line feeds dropped
	start    int64   // offset where the first line that is not dropped begins
	read     int64
}

// scan takes note of the line feeds of the next bytes.
func (l *lines) scan(p []byte) {
	for i, c := range p {
		if c == '\n' {
			l.newlines = append(l.newlines, l.read+int64(i))
		}
	}
	l.read += int64(len(p))
}

// position gives line and column of a byte, both from 1; columns count bytes. An offset that was dropped has none.
func (l *lines) position(offset int64) (line, column int) {
	if l == nil || offset < l.start {
		return 0, 0
	}
	before, _ := slices.BinarySearch(l.newlines, offset)
	start := l.start
	if before > 0 {
		start = l.newlines[before-1] + 1
	}
	return l.dropped + before + 1, int(offset-start) + 1
}

// drop forgets the lines that end before an offset.
func (l *lines) drop(offset int64) {
	before, _ := slices.BinarySearch(l.newlines, offset)
	if before == 0 {
		return
	}
	l.start = l.newlines[before-1] + 1
	l.dropped += before
	l.newlines = slices.Delete(l.newlines, 0, before)
}
