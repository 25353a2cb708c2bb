package lake

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/parquet-go/parquet-go/format"
	"github.com/zeebo/xxh3"

	"marque/event"
)

// The columns of a file, in the order of Row. A value column and its hash column stand equally far from srcIP and srcIPHash.
const (
	colTime = iota
	colPart
	colFormat
	colSensor
	colTechnique
	colSector
	colCountry
	colVictim
	colSrcIP
	colDstIP
	colDomain
	colURL
	colEmail
	colDigest
	colSrcIPHash
	colDstIPHash
	colZoneHash
	colURLHash
	colEmailHash
	colDigestHash
	numColumns
)

// cells are the observables of one row, by column from colSrcIP on; nil where the row has none.
type cells [colDigest - colSrcIP + 1]*event.Observable

// place puts an observable into its column, or says that the column is taken.
func (c *cells) place(o *event.Observable) bool {
	col := colDigest
	switch o.Kind {
	case event.IPv4, event.IPv6:
		return c.placeIP(o)
	case event.Domain:
		col = colDomain
	case event.URL:
		col = colURL
	case event.Email:
		col = colEmail
	}
	return c.take(col, o)
}

// placeIP takes the first free of the two columns where the address is neither source nor destination.
func (c *cells) placeIP(o *event.Observable) bool {
	return o.Role != event.RoleDstIP && c.take(colSrcIP, o) || o.Role != event.RoleSrcIP && c.take(colDstIP, o)
}

func (c *cells) take(col int, o *event.Observable) bool {
	cell := &c[col-colSrcIP]
	if *cell != nil {
		return false
	}
	*cell = o
	return true
}

// group is a row group in the making: the columns in the encoding of the file, so that each value is copied once.
type group struct {
	rows    int
	bytes   int
	first   int64 // extreme times
	last    int64
	crowded bool // some column has as many words as it may
	format  string
	columns [numColumns]chunk
}

// chunk is one column of a group.
type chunk struct {
	kind   format.Type
	data   []byte // values in PLAIN encoding, or with words: their numbers, two bytes each
	words  *words // of columns with few different values
	filled bool   // some value is not empty
	cuts   []cut  // pages of texts; those of other columns have pageRows each
}

// cut is the end of a page.
type cut struct{ rows, end int }

const (
	groupRows  = 32 << 10  // rows of a row group at most
	groupBytes = 32 << 20  // and about its size
	pageRows   = 16 << 10  // rows of a page at most
	pageBytes  = 128 << 10 // and the size at which a page of texts ends
)

func newGroup() *group {
	g := &group{}
	for i := range g.columns {
		c := &g.columns[i]
		switch {
		case i == colPart:
			c.kind = format.Int32
		case i == colTime || i >= colSrcIPHash:
			c.kind = format.Int64
		default:
			c.kind = format.ByteArray
			if i < colSrcIP {
				c.words = newWords()
			}
		}
	}
	return g
}

func (g *group) reset() {
	g.rows, g.bytes, g.crowded, g.format = 0, 0, false, ""
	for i := range g.columns {
		c := &g.columns[i]
		c.data, c.cuts, c.filled = c.data[:0], c.cuts[:0], false
		if c.words != nil {
			c.words.reset()
		}
	}
}

// full reports whether the group has to be written.
func (g *group) full() bool { return g.rows >= groupRows || g.bytes >= groupBytes || g.crowded }

// add appends a row.
func (g *group) add(e *event.Event, part int32, row *cells, seed uint64) {
	at := micros(e.Time)
	if g.rows == 0 {
		g.first, g.last = at, at
	}
	g.first, g.last = min(g.first, at), max(g.last, at)
	g.rows++
	g.bytes += 64 // about what numbers take
	c := &g.columns
	c[colTime].number(at)
	c[colPart].data = binary.LittleEndian.AppendUint32(c[colPart].data, uint32(part))
	c[colPart].filled = c[colPart].filled || part != 0
	if g.format == e.Format && g.rows > 1 {
		c[colFormat].data = append(c[colFormat].data, c[colFormat].data[len(c[colFormat].data)-2:]...)
	} else {
		g.format = e.Format
		g.word(colFormat, []byte(e.Format))
	}
	g.word(colSensor, e.Sensor)
	g.word(colTechnique, e.Technique)
	g.word(colSector, e.Sector)
	g.word(colCountry, e.Country)
	g.word(colVictim, e.Victim)
	for i, o := range row {
		text, hash := &c[colSrcIP+i], &c[colSrcIPHash+i]
		if o == nil {
			text.text(nil, g.rows)
			hash.number(0)
			continue
		}
		g.bytes += len(o.Value)
		switch colSrcIP + i {
		case colDigest:
			text.digest(o.Value, g.rows)
			hash.number(int64(o.Hash))
		case colDomain:
			text.text(o.Value, g.rows)
			hash.number(zoneHash(o, seed))
		default:
			text.text(o.Value, g.rows)
			hash.number(int64(o.Hash))
		}
	}
}

// zoneHash hashes the last two labels of a domain.
func zoneHash(o *event.Observable, seed uint64) int64 {
	z := zone(view(o.Value))
	if len(z) == len(o.Value) {
		return int64(o.Hash)
	}
	return int64(event.Hash(event.Domain, o.Value[len(o.Value)-len(z):], seed))
}

func micros(ns int64) int64 {
	us := ns / 1000
	if ns%1000 < 0 {
		us--
	}
	return us
}

func (c *chunk) number(v int64) {
	c.data = binary.LittleEndian.AppendUint64(c.data, uint64(v))
	c.filled = c.filled || v != 0
}

func (g *group) word(col int, v []byte) {
	c := &g.columns[col]
	n := c.words.number(v)
	c.data = binary.LittleEndian.AppendUint16(c.data, n)
	g.crowded = g.crowded || n == maxWords-1
}

// text appends the value of row number rows.
func (c *chunk) text(v []byte, rows int) {
	c.data = append(binary.LittleEndian.AppendUint32(c.data, uint32(len(v))), v...)
	c.filled = c.filled || len(v) > 0
	c.page(rows)
}

// digest appends canonical hex as bytes.
func (c *chunk) digest(v []byte, rows int) {
	c.data = appendHex(binary.LittleEndian.AppendUint32(c.data, uint32(len(v)/2)), v)
	c.filled = true
	c.page(rows)
}

// page ends a page that is large enough.
func (c *chunk) page(rows int) {
	var last cut
	if n := len(c.cuts); n > 0 {
		last = c.cuts[n-1]
	}
	if len(c.data)-last.end >= pageBytes || rows-last.rows >= pageRows {
		c.cuts = append(c.cuts, cut{rows, len(c.data)})
	}
}

// appendHex decodes canonical hex, whose length eight divides, eight digits at a time: five times as fast as encoding/hex,
// which looks for errors.
func appendHex(out, digest []byte) []byte {
	at := len(out)
	out = slices.Grow(out, len(digest)/2)[:at+len(digest)/2]
	for to := out[at:]; len(digest) >= 8 && len(to) >= 4; digest, to = digest[8:], to[4:] {
		x := binary.LittleEndian.Uint64(digest)
		x = x&0x0F0F0F0F0F0F0F0F + x>>6&0x0101010101010101*9 // each byte the value of its digit
		x = (x<<4 | x>>8) & 0x00FF00FF00FF00FF               // each second byte the value of two
		x = (x | x>>8) & 0x0000FFFF0000FFFF
		binary.LittleEndian.PutUint32(to, uint32(x|x>>16))
	}
	return out
}

// words numbers the different values of a column, in open addressing. A value of up to 16 bytes is its own key, so that it is
// compared without a look at the value; a longer one has its hash for a key, and is compared with what is stored.
type words struct {
	slots []slot
	data  []byte // the values, in PLAIN encoding
	ends  []int  // of value i in data
}

type slot struct {
	a, b   uint64
	size   uint32
	number uint32 // + 1; 0: free
}

const (
	maxWords   = 1 << 14 // a group that has more is full
	keyBytes   = 16
	firstSlots = 64
)

func newWords() *words { return &words{slots: make([]slot, firstSlots)} }

func (w *words) reset() {
	clear(w.slots)
	w.data, w.ends = w.data[:0], w.ends[:0]
}

// keyOf returns the first and the second half of a short value. The bytes behind it are masked rather than not read, as a branch on a random
// length costs more.
func keyOf(v []byte) (a, b uint64) {
	switch {
	case len(v) > keyBytes:
		return xxh3.Hash(v), 0
	case cap(v) < keyBytes:
		v = append(make([]byte, 0, keyBytes), v...)
	}
	first, second := uint(min(len(v), 8)), uint(max(len(v), 8)-8)
	v = v[:keyBytes]
	a = binary.LittleEndian.Uint64(v) & (1<<(8*first) - 1)
	b = binary.LittleEndian.Uint64(v[8:]) & (1<<(8*second) - 1)
	return a, b
}

func (w *words) number(v []byte) uint16 {
	a, b := keyOf(v)
	at := w.place(a, b)
	for ; w.slots[at].number != 0; at = (at + 1) & (len(w.slots) - 1) {
		s := &w.slots[at]
		if s.a == a && s.b == b && int(s.size) == len(v) && (len(v) <= keyBytes || bytes.Equal(w.value(s.number-1), v)) {
			return uint16(s.number - 1)
		}
	}
	w.data = append(binary.LittleEndian.AppendUint32(w.data, uint32(len(v))), v...)
	w.ends = append(w.ends, len(w.data))
	w.slots[at] = slot{a, b, uint32(len(v)), uint32(len(w.ends))}
	if 2*len(w.ends) > len(w.slots) {
		w.grow()
	}
	return uint16(len(w.ends) - 1)
}

func (w *words) place(a, b uint64) int {
	h := (a*0x9E3779B97F4A7C15 ^ b) * 0xBF58476D1CE4E5B9
	return int(h>>40) & (len(w.slots) - 1)
}

func (w *words) value(n uint32) []byte {
	start := 0
	if n > 0 {
		start = w.ends[n-1]
	}
	return w.data[start+4 : w.ends[n]]
}

func (w *words) grow() {
	old := w.slots
	w.slots = make([]slot, 2*len(old))
	for _, s := range old {
		if s.number == 0 {
			continue
		}
		at := w.place(s.a, s.b)
		for ; w.slots[at].number != 0; at = (at + 1) & (len(w.slots) - 1) {
		}
		w.slots[at] = s
	}
}
