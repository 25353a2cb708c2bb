package site

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// WriteCSV writes forecasts as a table: rank, name, probability, what it replaces or imitates, why.
func WriteCSV(w io.Writer, forecasts []Forecast) error {
	c := csv.NewWriter(w)
	if err := c.Write([]string{"rank", "name", "probability", "replaces", "imitates", "reasons"}); err != nil {
		return err
	}
	for i, f := range forecasts {
		err := c.Write([]string{
			strconv.Itoa(i + 1), f.Name, strconv.FormatFloat(f.Probability, 'g', 3, 64), f.Replaces, f.Imitates,
			strings.Join(f.Reasons, "; "),
		})
		if err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// WriteBlockList writes one name a line, as DNS filters and browsers read it. Names that no registry takes are left out.
func WriteBlockList(w io.Writer, forecasts []Forecast) error {
	b := bufio.NewWriter(w)
	for _, f := range forecasts {
		if name, ok := ascii(f.Name); ok {
			fmt.Fprintln(b, name)
		}
	}
	return b.Flush()
}

// WriteRPZ writes a response policy zone (draft-vixie-dnsop-dns-rpz): the names and all below them do not exist for who asks this resolver.
// Zone is its name, serial its version, which must grow.
func WriteRPZ(w io.Writer, zone string, serial uint32, forecasts []Forecast) error {
	zone = strings.TrimSuffix(zone, ".")
	if _, err := Parse(zone); err != nil {
		return fmt.Errorf("response policy zone: %w", err)
	}
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "$TTL 3600\n@ IN SOA %s. hostmaster.%s. %d 3600 600 604800 3600\n@ IN NS localhost.\n", zone, zone, serial)
	for _, f := range forecasts {
		// A longer name would not fit below the zone's own.
		if name, ok := ascii(f.Name); ok && len(name)+len(zone)+3 <= maxHost {
			fmt.Fprintf(b, "%s CNAME .\n*.%s CNAME .\n", name, name)
		}
	}
	return b.Flush()
}

// ascii is a name as registries keep it (RFC 5891); ok is false where it is none.
func ascii(name string) (string, bool) {
	a, err := idna.Lookup.ToASCII(name)
	return a, err == nil && len(a) <= maxHost
}
