package media

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"  // decoders of pictures
	_ "image/jpeg" //
	_ "image/png"  //
	"io"
	"math"
	"math/bits"
	"slices"
)

// Hash is a perceptual hash of 64 bits: the signs of the 64 lowest frequencies of a picture, as against their median. Pictures that look
// alike differ in few bits (Zauner 2010, "Implementation and benchmarking of perceptual image hash functions", the DCT hash).
type Hash uint64

// String writes the hash so that it can stand as a post's media (account.Post).
func (h Hash) String() string { return fmt.Sprintf("phash:%016x", uint64(h)) }

// Distance is in how many of 64 bits two hashes differ.
func (h Hash) Distance(o Hash) int { return bits.OnesCount64(uint64(h ^ o)) }

// Alike is the distance up to which pictures count as copies of each other. Unrelated pictures differ in 32 bits, give or take 4, so that
// by chance 10 or less come once in some ten million pairs.
const Alike = 10

// maxPixels is how large a picture may be.
const maxPixels = 100_000_000

// ErrFlat says that a picture has too little in it to be told from others.
var ErrFlat = errors.New("picture is of one colour: it has no perceptual hash")

// HashImage reads a GIF, JPEG or PNG and hashes it. Pictures of more than 100 million pixels are refused before they are unpacked.
func HashImage(r io.ReadSeeker) (Hash, error) {
	c, _, err := image.DecodeConfig(r)
	if err != nil {
		return 0, fmt.Errorf("picture: %w", err)
	}
	if c.Width <= 0 || c.Height <= 0 || c.Width > maxPixels/c.Height {
		return 0, fmt.Errorf("picture: %d × %d pixels, at most %d", c.Width, c.Height, maxPixels)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return 0, fmt.Errorf("picture: %w", err)
	}
	img, _, err := image.Decode(r)
	if err != nil {
		return 0, fmt.Errorf("picture: %w", err)
	}
	return hashOf(img)
}

// Sides of the shrunken picture and of the block of frequencies that is kept.
const (
	shrunk = 32
	kept   = 8
)

// hashOf shrinks to 32 × 32 shades of grey, takes the discrete cosine transform, and keeps the lowest 8 × 8 frequencies after the constant
// row and column, which only tell light from dark.
func hashOf(img image.Image) (Hash, error) {
	small := shrink(img)
	var freq [kept * kept]float64
	for v := range kept {
		for u := range kept {
			sum := 0.0
			for y := range shrunk {
				for x := range shrunk {
					sum += small[y][x] * cosines[u+1][x] * cosines[v+1][y]
				}
			}
			freq[v*kept+u] = sum
		}
	}
	sorted := slices.Sorted(slices.Values(freq[:]))
	if sorted[len(sorted)-1]-sorted[0] < 1 {
		return 0, ErrFlat
	}
	median := (sorted[len(sorted)/2-1] + sorted[len(sorted)/2]) / 2
	var h Hash
	for i, f := range freq {
		if f > median {
			h |= 1 << i
		}
	}
	return h, nil
}

// samples is how many points of each side of a cell are looked at, at most: enough to average, whatever the picture's size.
const samples = 16

// shrink averages the light in 32 × 32 cells.
func shrink(img image.Image) (out [shrunk][shrunk]float64) {
	b := img.Bounds()
	for y := range shrunk {
		y0, y1 := cell(b.Min.Y, b.Dy(), y)
		for x := range shrunk {
			x0, x1 := cell(b.Min.X, b.Dx(), x)
			sum, n := 0.0, 0
			for py := y0; py < y1; py += max(1, (y1-y0)/samples) {
				for px := x0; px < x1; px += max(1, (x1-x0)/samples) {
					sum += float64(color.GrayModel.Convert(img.At(px, py)).(color.Gray).Y)
					n++
				}
			}
			out[y][x] = sum / float64(n)
		}
	}
	return out
}

// cell is where the i-th of 32 stretches of a side begins and ends; it has one point at least.
func cell(start, length, i int) (from, to int) {
	from = start + i*length/shrunk
	return from, max(from+1, start+(i+1)*length/shrunk)
}

// cosines are the transform's base functions.
var cosines = func() (t [kept + 1][shrunk]float64) {
	for u := range t {
		for x := range t[u] {
			t[u][x] = math.Cos(math.Pi / shrunk * (float64(x) + 0.5) * float64(u))
		}
	}
	return t
}()

// Index finds pictures that look alike as they come. It is exact, and not safe for concurrent use.
type Index struct {
	parts [Alike + 1]map[uint16][]int
	items []item
}

type item struct {
	hash Hash
	name string
}

// Use is a picture that looks like another.
type Use struct {
	Name     string `json:"name"`
	Distance int    `json:"distance"`
}

// NewIndex makes an empty index.
func NewIndex() *Index {
	x := &Index{}
	for i := range x.parts {
		x.parts[i] = map[uint16][]int{}
	}
	return x
}

// Add enters a picture and tells which earlier ones look like it, the most alike first. The 64 bits are cut into eleven parts: hashes that
// differ in at most ten bits agree in one part at least, so that none is missed.
func (x *Index) Add(name string, h Hash) []Use {
	uses := x.Find(h)
	n := len(x.items)
	x.items = append(x.items, item{h, name})
	for i := range x.parts {
		key := part(h, i)
		x.parts[i][key] = append(x.parts[i][key], n)
	}
	return uses
}

// Find tells which pictures look like one.
func (x *Index) Find(h Hash) []Use {
	var uses []Use
	seen := map[int]bool{}
	for i := range x.parts {
		for _, n := range x.parts[i][part(h, i)] {
			if seen[n] {
				continue
			}
			seen[n] = true
			if d := h.Distance(x.items[n].hash); d <= Alike {
				uses = append(uses, Use{x.items[n].name, d})
			}
		}
	}
	slices.SortFunc(uses, func(a, b Use) int { return cmp.Or(cmp.Compare(a.Distance, b.Distance), cmp.Compare(a.Name, b.Name)) })
	return uses
}

// part is the i-th of eleven parts of a hash, of six bits or, the last, of four.
func part(h Hash, i int) uint16 { return uint16(h >> (6 * i) & 63) }
