-- +goose Up

-- A line is the versions of one creator on one track: see package decide. Those apart come after all others, from 1 << 40 on.
UPDATE versions SET line = (1 << 40) + (SELECT min(w.seq) FROM versions w
        WHERE w.id = versions.id AND w.track = versions.track AND w.creator = versions.creator)
    WHERE track <> '';
UPDATE versions SET line = (SELECT min(w.seq) FROM versions w WHERE w.id = versions.id AND w.track = '' AND w.creator = versions.creator)
    WHERE track = '' AND id IN (SELECT id FROM versions WHERE track = '' GROUP BY id HAVING min(creator) <> max(creator))
    AND creator <> (SELECT w.creator FROM versions w WHERE w.id = versions.id AND w.track = '' ORDER BY w.seq LIMIT 1);

PRAGMA user_version = 5;
