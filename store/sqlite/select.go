package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"marque/store"
	"marque/store/decide"
)

// selection is a store.Query in SQL: arms joined by UNION ALL, each of which SQLite reads in the order of one index, so that
// a page costs what it holds and not what is stored.
type selection struct {
	arms  []arm
	where string // common to all arms
	args  []any
	after int64
}

type arm struct{ from, at, batch, where string }

// maxArms keeps a query under SQLite's limit on compound selects (500). Beyond it types are a filter.
const maxArms = 64

func (r reader) selection(ctx context.Context, q store.Query) (selection, error) {
	s := selection{where: visibleLatest, after: q.AfterSeq}
	onlyLast := q.Pick.Last && !q.Pick.First && len(q.Pick.At) == 0
	switch {
	case !q.AllVersions || onlyLast && len(q.Importers) == 0: // the last version is the latest
	case len(q.Importers) > 0: // what an importer brought, whoever rules the object elsewhere
		s.where = shown("v") + " AND " + once("v", " AND "+brought("d"))
	default:
		s.where = visible + " AND " + once("v", "")
	}
	if !q.AddedAfter.IsZero() {
		seq, err := r.db.addedSeq(ctx, ready{r.db}, q.AddedAfter)
		if err != nil {
			return s, err
		}
		s.after = max(s.after, seq)
	}
	s.in("v.id", "ids", strs(q.IDs))
	s.in("v.creator", "creators", strs(q.CreatedBy))
	s.makeArms(q)
	if q.AllVersions && !q.Pick.IsZero() && (!onlyLast || len(q.Importers) > 0) {
		return s, s.pick(ctx, r, q)
	}
	return s, nil
}

func (s *selection) makeArms(q store.Query) {
	types := slices.Compact(slices.Sorted(slices.Values(q.Types)))
	all := arm{from: "versions v", at: "v.seq", batch: "v.batch", where: "v.seq > :after"}
	switch {
	case len(q.Importers) > 0:
		s.in("v.type", "types", types)
		s.importers(all, slices.Compact(slices.Sorted(slices.Values(q.Importers))))
	case len(q.IDs) > 0 || len(types) == 0 || len(types) > maxArms:
		s.in("v.type", "types", types)
		s.arms = []arm{all}
	default:
		for i, t := range types {
			one := all
			one.where += fmt.Sprintf(" AND v.type = :type%d", i)
			s.arms = append(s.arms, one)
			s.args = append(s.args, sql.Named(fmt.Sprintf("type%d", i), t))
		}
	}
}

// anyImporter are the numbers of the importers of a query.
const anyImporter = "(SELECT id FROM importers WHERE name IN (SELECT value FROM json_each(:importers)))"

// brought: a version was brought by one of the importers, and not withdrawn.
func brought(v string) string {
	return "(" + v + ".importer IN " + anyImporter + " AND " + held(v+".seq") + " OR EXISTS (" + broughtAs(v) + "))"
}

// held: what the importer brought under this sequence was not withdrawn by the time of the view.
func held(seq string) string {
	return "NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.target = " + seq + " AND w.seq <= :bound)"
}

// broughtAs are the further times that one of the importers brought a version.
func broughtAs(v string) string {
	return "SELECT 1 FROM provenance o WHERE o.version = " + v + ".seq AND o.fresh AND o.seq <= :bound AND o.importer IN " + anyImporter +
		" AND " + open(v, "o") + " AND " + held("o.seq")
}

// open: that a source brought a version may be seen: the version is marked, or the source is no stricter than the view.
func open(v, source string) string {
	return "(" + v + ".own >= 0 OR EXISTS (SELECT 1 FROM sources t WHERE t.id = " + source + ".source AND t.tlp <= :tlp))"
}

// importers adds two arms per importer: versions that it brought first, and versions that were known before it brought them.
// What they brought several times counts once, where it came first.
func (s *selection) importers(all arm, names []string) {
	s.args = append(s.args, sql.Named("importers", jsonList(names)))
	once := " AND NOT (v.importer IN " + anyImporter + " AND " + held("v.seq") + ") AND NOT EXISTS (" + broughtAs("v") + " AND o.seq < p.seq)"
	for i, name := range names {
		is := fmt.Sprintf(".importer = (SELECT id FROM importers WHERE name = :importer%d)", i)
		s.args = append(s.args, sql.Named(fmt.Sprintf("importer%d", i), name))
		first := all
		first.where += " AND v" + is + " AND " + held("v.seq")
		s.arms = append(s.arms, first, arm{
			from: "provenance p CROSS JOIN versions v ON v.seq = p.version", at: "p.seq", batch: "p.batch",
			where: "p.fresh AND p.seq > :after AND p.seq <= :bound AND p" + is + " AND " + open("v", "p") + " AND " + held("p.seq") + once,
		})
	}
}

// pick adds the choice among versions to every arm.
func (s *selection) pick(ctx context.Context, r reader, q store.Query) error {
	member := " AND n.line = v.line AND " + once("n", "")
	if len(q.Importers) > 0 {
		member = " AND " + brought("n") + " AND " + once("n", " AND "+brought("d"))
	}
	end := func(side string) string {
		return "NOT EXISTS (SELECT 1 FROM versions n WHERE n.id = v.id AND (n.version, n.seq) " + side +
			" (v.version, v.seq) AND " + shown("n") + member + ")"
	}
	var either []string
	if q.Pick.First {
		either = append(either, end("<"))
	}
	if q.Pick.Last {
		either = append(either, end(">"))
	}
	if len(q.Pick.At) > 0 {
		keys := make([]string, len(q.Pick.At))
		seqs := make([]int64, len(q.Pick.At))
		for i, t := range q.Pick.At {
			var err error
			keys[i] = decide.InstantKey(t)
			if seqs[i], err = r.db.addedAt(ctx, r.db.read, t); err != nil {
				return err
			}
		}
		s.args = append(s.args, sql.Named("instants", jsonList(keys)), sql.Named("moments", jsonList(seqs)))
		either = append(either, "v.version IN (SELECT value FROM json_each(:instants))",
			"v.version = '' AND %s IN (SELECT value FROM json_each(:moments))")
	}
	for i := range s.arms {
		cond := strings.ReplaceAll(strings.Join(either, " OR "), "%s", s.arms[i].at)
		s.arms[i].where += " AND (" + cond + ")"
	}
	return nil
}

// addedAt is the sequence that was added at exactly this time, 0 where there is none.
func (db *DB) addedAt(ctx context.Context, q querier, t time.Time) (int64, error) {
	seq, err := db.addedSeq(ctx, q, t)
	if err != nil || seq == 0 {
		return 0, err
	}
	at, err := db.added(ctx, q, seq)
	if err != nil || !at.Equal(t) {
		return 0, err
	}
	return seq, nil
}

func (s *selection) in(column, name string, values []string) {
	if len(values) == 0 {
		return
	}
	s.where += fmt.Sprintf(" AND %s IN (SELECT value FROM json_each(:%s))", column, name)
	s.args = append(s.args, sql.Named(name, jsonList(values)))
}

// query selects the sequence as "at", and of whole records the columns that record scans.
func (s *selection) query(whole bool) string {
	arms := make([]string, len(s.arms))
	for i, a := range s.arms {
		more := ""
		if whole {
			more = ", " + columns(a.batch)
		}
		arms[i] = "SELECT " + a.at + " AS at" + more + " FROM " + a.from + " WHERE " + a.where + " AND " + s.where
	}
	return strings.Join(arms, " UNION ALL ")
}
