package event

import "bytes"

// blockBytes is how much text is indexed at a time: as much as the nearest cache holds together with the index.
const blockBytes = 32 << 10

// Begin takes the first whole lines of data, as many as are read well together, and returns them. [Decoder.Next] reads them one by
// one.
func (d *Decoder) Begin(data []byte) (block []byte) {
	d.block = wholeLines(data, blockBytes)
	d.scan.Begin(d.block)
	return d.block
}

// Next reads the line that begins at start of the block, and tells where the next one begins. The event is valid until the next call
// but one; it is nil where the line is refused, with the reason, or blank, without one. Lines of a known shape need no search for
// their end.
func (d *Decoder) Next(start, maxLine int) (e *Event, line []byte, next int, reason Reason) {
	vals, end := d.scan.Follow(start)
	known := end >= 0
	if !known {
		end = lineEnd(d.block, start)
	}
	line, next = d.block[start:end], nextLine(d.block, end)
	switch {
	case !known && len(bytes.TrimSpace(line)) == 0:
		return nil, line, next, ""
	case len(line) > maxLine:
		return nil, line, next, BadLength
	case known:
		e, reason = d.event(line, vals)
	default:
		e, reason = d.parse(start, line)
	}
	return e, line, next, reason
}

// wholeLines returns the lines at the beginning of data that fit in size bytes, or the first line if it does not.
func wholeLines(data []byte, size int) []byte {
	if len(data) <= size {
		return data
	}
	if n := bytes.LastIndexByte(data[:size], '\n'); n >= 0 {
		return data[:n+1]
	}
	if n := bytes.IndexByte(data[size:], '\n'); n >= 0 {
		return data[:size+n+1]
	}
	return data
}

// lineEnd returns the end of the line that begins at start, its newline or carriage return and newline excluded.
func lineEnd(block []byte, start int) int {
	end := len(block)
	if n := bytes.IndexByte(block[start:], '\n'); n >= 0 {
		end = start + n
	}
	if end > start && block[end-1] == '\r' {
		end--
	}
	return end
}

// nextLine returns the beginning of the line after the one that ends at end.
func nextLine(block []byte, end int) int {
	if end < len(block) && block[end] == '\r' {
		end++
	}
	return min(end+1, len(block))
}
