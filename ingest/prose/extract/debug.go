package extract

import "marque/ingest/prose/language"

func Debug(r *Reader) language.Gazetteer { return r.index }
