package metathreat

import (
	_ "embed"
	"net/url"
	"slices"
	"strings"
	"sync"

	"marque/stix"
)

// observable writes the cyber observable of a row; "" where there is none.
func (r *reader) observable(row *Row) stix.ID {
	props := map[string]any{"value": row.Value}
	switch row.Kind {
	case "file":
		props = map[string]any{"hashes": map[string]any{row.Hash: row.Value}}
	case "software":
		props = map[string]any{"name": row.Value}
	}
	return r.put(row.Kind, props)
}

func (r *reader) put(typ string, props map[string]any) stix.ID {
	id, ok := stix.ObservableID(typ, props)
	if !ok {
		return ""
	}
	props["type"], props["spec_version"], props["id"] = typ, "2.1", id
	return r.w.Supplement(id, props)
}

// account writes the account that an address is of; "" where it is of none.
func (r *reader) account(row *Row) stix.ID {
	typ, name := Account(row)
	if name == "" {
		return ""
	}
	return r.put("user-account", map[string]any{"account_type": typ, "account_login": name})
}

//go:embed platforms.txt
var platformsText string

// platform is where an address is an account.
type platform struct{ host, prefix, account string }

var platforms = sync.OnceValue(func() []platform {
	var out []platform
	for line := range strings.Lines(platformsText) {
		f := strings.Fields(line)
		switch {
		case len(f) == 0 || f[0][0] == '#':
		case len(f) == 2:
			out = append(out, platform{f[0], "", f[1]})
		default:
			out = append(out, platform{f[0], f[1], f[2]})
		}
	}
	return out
})

// Account is the platform and the name of the account that an address stands for; "" where it stands for none that is known.
func Account(row *Row) (typ, name string) {
	host := strings.TrimPrefix(row.Host(), "www.")
	var path string
	if row.Kind == "url" {
		u, err := url.Parse(row.Value)
		if err != nil {
			return "", ""
		}
		path = u.Path
	}
	for _, p := range platforms() {
		if below, ok := strings.CutSuffix(host, p.host); ok && p.host[0] == '.' && below != "" && !strings.Contains(below, ".") {
			return p.account, below
		}
		rest, ok := strings.CutPrefix(path, p.prefix)
		if host != p.host || !ok || p.prefix == "" {
			continue
		}
		name, _, _ = strings.Cut(rest, "/")
		if name == "" || slices.Contains(notNames, strings.ToLower(name)) || strings.HasSuffix(name, ".php") {
			return "", ""
		}
		return p.account, name
	}
	return "", ""
}

// notNames stand where a name would, and are none.
var notNames = []string{"watch", "hashtag", "search", "share", "sharer", "status", "intent", "i", "p", "reel", "pin", "playlist", "groups", "events", "playlists", "shorts", "joinchat"}
