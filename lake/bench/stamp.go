package bench

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"time"

	"marque/match"
)

// stamper makes events of a Workload's short form fast enough for days of them: it copies one of some hundred lines and overwrites, in
// place, what must differ: time, address, domain, URL and digest. Events that meet an indicator are spelt out, and counted: they are
// the truth that a run is compared with. The values of all others are of forms that no indicator has.
type stamper struct {
	w     Workload
	lines []line
	ips   *uniqueIPs
}

// line is an event without values, and where they go.
type line struct {
	text                          []byte
	ip, domain, url, path, digest int
}

const (
	templates = 512
	ipForm    = "224.100.100.100" // class D and E, as no indicator
	nameForm  = "www.e0123456789abcdef.org"
	pathForm  = "01234567"
	timeAt    = len(`{"time":"`)
	timeForm  = "2006-01-02T15:04:05.000000Z"
)

func newStamper(w Workload) *stamper {
	s := &stamper{w: w, ips: newUniqueIPs(w)}
	r := rand.New(rand.NewPCG(w.Seed, 2))
	var e made
	for range templates {
		w.fill(&e, r, 0)
		e.ip, e.domain = []byte(ipForm), []byte(nameForm)
		e.url = []byte("https://" + nameForm + "/files/" + pathForm + "/index.php?id=7")
		l := line{text: append(short(nil, &e), '\n')}
		l.ip = bytes.Index(l.text, []byte(ipForm))
		l.domain = bytes.Index(l.text, []byte(nameForm)) + len("www.e")
		l.url = bytes.LastIndex(l.text, []byte(nameForm)) + len("www.e")
		l.path = bytes.Index(l.text, []byte(pathForm+"/index"))
		l.digest = bytes.Index(l.text, e.digest)
		s.lines = append(s.lines, l)
	}
	return s
}

// block appends events first to last to b, and counts those that meet an indicator. The same numbers give the same bytes.
func (s *stamper) block(b []byte, first, last int, truth *match.Tally) []byte {
	rnd := random(mix(s.w.Seed ^ uint64(first)<<20))
	var clock stampClock
	hits := uint64(max(s.w.HitRate, 0) * (1 << 32))
	for i := first; i < last; i++ {
		micros := start.UnixMicro() + int64(float64(i)/float64(s.w.Events)*float64(s.w.Hours)*3600e6)
		x := rnd.next()
		if x>>32 < hits {
			b = s.hit(b, &rnd, time.UnixMicro(micros).UTC(), truth)
			continue
		}
		l := &s.lines[x%templates]
		at := len(b)
		b = append(b, l.text...)
		text := b[at:]
		clock.put(text[timeAt:], micros)
		x = rnd.next()
		putOctets(text[l.ip:], x)
		putHex(text[l.path:], uint32(x>>32))
		x = rnd.next()
		putHex(text[l.domain:], uint32(x))
		putHex(text[l.domain+8:], uint32(x>>32))
		copy(text[l.url:l.url+16], text[l.domain:])
		for k := 0; k < 64; k += 16 {
			x = rnd.next()
			putHex(text[l.digest+k:], uint32(x))
			putHex(text[l.digest+k+8:], uint32(x>>32))
		}
	}
	return b
}

// hit appends an event with one indicator's value.
func (s *stamper) hit(b []byte, rnd *random, at time.Time, truth *match.Tally) []byte {
	quarter := uint64(s.w.Indicators / 4)
	pick := func(list []string) string { return list[rnd.next()%uint64(len(list))] }
	e := made{at: at, technique: pick(techniques), sector: pick(sectors), country: pick(countries)}
	e.sensor, e.victim = "sensor-"+strconv.Itoa(int(rnd.next()%16)), "org-"+strconv.Itoa(int(rnd.next()%1000))
	e.ip, e.domain = []byte(ipForm), []byte(nameForm)
	e.digest = appendDigest(nil, 1<<41)
	n, kind := rnd.next()%quarter, rnd.next()%4
	for kind == 0 && !s.ips.only(n) {
		n = rnd.next() % quarter
	}
	path := uint64(1) << 41
	switch kind {
	case 0:
		e.ip = appendIP(nil, mix(s.w.Seed+n))
	case 1:
		e.domain = appendDomain([]byte("www."), n)
	case 2:
		e.domain, path = appendDomain([]byte("www."), n^1<<62), n
	case 3:
		e.digest = appendDigest(nil, n)
	}
	e.url = appendPath(append([]byte("https://"), e.domain...), path)
	e.filler = []byte(`"proto":"tcp","src_port":40000,"dst_port":443,"allowed":true`)
	i := 4*n + kind
	truth.Count([]match.Hit{{
		Indicator: id(s.w.Seed, i), Actor: "actor " + strconv.Itoa(int(i%actors)), Sponsor: sponsors[i%actors%uint64(len(sponsors))], Time: at,
		Sensor: e.sensor, Technique: e.technique, Sector: e.sector, Country: e.country, Victim: e.victim,
	}})
	return append(short(b, &e), '\n')
}

// uniqueIPs knows which indicators of a Workload share their address with another, as a few of many do by chance: an event with it
// would meet both.
type uniqueIPs struct {
	seed  uint64
	twice map[netip.Addr]bool
}

func newUniqueIPs(w Workload) *uniqueIPs {
	u := &uniqueIPs{w.Seed, map[netip.Addr]bool{}}
	seen := make(map[netip.Addr]struct{}, w.Indicators/4)
	for n := range uint64(w.Indicators / 4) {
		a := u.addr(n)
		if _, ok := seen[a]; ok {
			u.twice[a] = true
		}
		seen[a] = struct{}{}
	}
	return u
}

func (u *uniqueIPs) addr(n uint64) netip.Addr {
	a, _ := netip.ParseAddr(string(appendIP(nil, mix(u.seed+n)))) // always one
	return a
}

func (u *uniqueIPs) only(n uint64) bool { return !u.twice[u.addr(n)] }

// random is SplitMix64 as a generator.
type random uint64

func (r *random) next() uint64 {
	*r += 0x9E3779B97F4A7C15
	return mix(uint64(*r) - 0x9E3779B97F4A7C15)
}

// putHex writes eight hex digits of random bits; their order does not matter.
func putHex(to []byte, x uint32) {
	v := uint64(x)
	v = (v | v<<16) & 0x0000FFFF0000FFFF
	v = (v | v<<8) & 0x00FF00FF00FF00FF
	v = (v | v<<4) & 0x0F0F0F0F0F0F0F0F
	letters := (v + 0x0606060606060606) >> 4 & 0x0101010101010101
	binary.LittleEndian.PutUint64(to, v+0x3030303030303030+letters*('a'-'9'-1))
}

// putOctets writes an address of the form of ipForm.
func putOctets(to []byte, x uint64) {
	for i, n := range [4]uint64{224 + x&31, 100 + x>>5&127, 100 + x>>12&127, 100 + x>>19&127} {
		to[4*i], to[4*i+1], to[4*i+2] = byte('0'+n/100), byte('0'+n/10%10), byte('0'+n%10)
	}
}

// stampClock writes times, of which those in one second have the same beginning.
type stampClock struct {
	second int64
	text   []byte
}

func (c *stampClock) put(to []byte, micros int64) {
	if second := micros / 1e6; second != c.second || c.text == nil {
		c.second, c.text = second, time.Unix(second, 0).UTC().AppendFormat(c.text[:0], timeForm)
	}
	copy(to, c.text)
	rest := micros % 1e6
	for i := len(timeForm) - 2; rest > 0; i-- {
		to[i] = byte('0' + rest%10)
		rest /= 10
	}
}
