package match

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"unsafe"

	"github.com/gaissmai/bart"
	"github.com/zeebo/xxh3"

	"marque/internal/durable"
)

// A prepared table file is a header followed by the table's arrays, each padded to eight bytes, in the machine's own layout
// (little-endian): bloom, slots, entries, CIDR numbers, values, tags (JSON), odd ids (JSON). The checksum covers what
// follows the header.
type tableHeader struct {
	Magic    [8]byte
	Seed     uint64
	Sections [7]uint64 // bytes
	Checksum uint64
}

var tableMagic = [8]byte{'M', 'R', 'Q', 'T', 'A', 'B', '0', '1'}

const tableHeaderSize = int(unsafe.Sizeof(tableHeader{}))

// ErrTableFile is what errors about a damaged or foreign table file wrap.
var ErrTableFile = errors.New("table file: damaged or not a table file")

func rawBytes[T any](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(s[0])))
}

func asSlice[T any](b []byte) []T {
	var zero T
	if len(b) == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(zero)))
}

// WriteFile writes the table to path, under a temporary name first, so that path never holds half a table.
func (t *Table) WriteFile(path string) error {
	tags, err := json.Marshal(t.tags)
	if err != nil {
		return fmt.Errorf("table file %s: %w", path, err)
	}
	ids, err := json.Marshal(t.ids)
	if err != nil {
		return fmt.Errorf("table file %s: %w", path, err)
	}
	sections := [7][]byte{rawBytes(t.bloom), rawBytes(t.slots), rawBytes(t.entries), rawBytes(t.nets), t.values, tags, ids}
	head := tableHeader{Magic: tableMagic, Seed: t.seed}
	sum := xxh3.New()
	for i, s := range sections {
		head.Sections[i] = uint64(len(s))
		if err := writePadded(sum, s); err != nil {
			return fmt.Errorf("table file %s: %w", path, err)
		}
	}
	head.Checksum = sum.Sum64()
	err = durable.Output(path, 0o600, func(w io.Writer) error {
		if err := binary.Write(w, binary.LittleEndian, &head); err != nil {
			return err
		}
		for _, s := range sections {
			if err := writePadded(w, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("table file %s: %w", path, err)
	}
	return nil
}

func writePadded(w io.Writer, b []byte) error {
	if _, err := w.Write(b); err != nil {
		return err
	}
	_, err := w.Write(make([]byte, padding(len(b))))
	return err
}

func padding(n int) int { return -n & 7 }

// OpenTable maps a prepared table file and checks its checksum.
func OpenTable(path string) (*Table, error) {
	data, unmap, err := mapFile(path)
	if err != nil {
		return nil, fmt.Errorf("table file: %w", err)
	}
	t, err := readTable(data)
	if err != nil {
		_ = unmap()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	t.unmap = unmap
	return t, nil
}

func readTable(data []byte) (*Table, error) {
	var head tableHeader
	if len(data) < tableHeaderSize || binary.Read(bytes.NewReader(data), binary.LittleEndian, &head) != nil || head.Magic != tableMagic {
		return nil, fmt.Errorf("%w: no header", ErrTableFile)
	}
	body := data[tableHeaderSize:]
	if xxh3.Hash(body) != head.Checksum {
		return nil, fmt.Errorf("%w: checksum", ErrTableFile)
	}
	var sections [7][]byte
	for i, n := range head.Sections {
		if n > uint64(len(body)) || int(n)+padding(int(n)) > len(body) {
			return nil, fmt.Errorf("%w: section %d ends early", ErrTableFile, i)
		}
		sections[i] = body[:n:n]
		body = body[int(n)+padding(int(n)):]
	}
	t := &Table{
		seed: head.Seed, bloom: asSlice[uint64](sections[0]), slots: asSlice[uint64](sections[1]),
		entries: asSlice[entry](sections[2]), nets: asSlice[uint32](sections[3]), values: sections[4],
	}
	if err := json.Unmarshal(sections[5], &t.tags); err != nil {
		return nil, fmt.Errorf("%w: tags: %w", ErrTableFile, err)
	}
	if err := json.Unmarshal(sections[6], &t.ids); err != nil {
		return nil, fmt.Errorf("%w: ids: %w", ErrTableFile, err)
	}
	return t, t.restoreCIDRs()
}

// restoreCIDRs fills the prefix table from the entries that head a chain.
func (t *Table) restoreCIDRs() error {
	for _, number := range t.nets {
		if int(number) >= len(t.entries) {
			return fmt.Errorf("%w: CIDR entry %d", ErrTableFile, number)
		}
		p, err := netip.ParsePrefix(string(t.stored(&t.entries[number])))
		if err != nil {
			return fmt.Errorf("%w: %w", ErrTableFile, err)
		}
		if t.cidrs == nil {
			t.cidrs = new(bart.Table[uint32])
		}
		t.cidrs.Insert(p, number)
	}
	return nil
}
