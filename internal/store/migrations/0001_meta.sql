-- Facts about the database itself: its identity, keys, epochs.
create table meta (
  key   text primary key,
  value text not null
) strict, without rowid;

-- Secret keys. A key is never deleted; a retired one verifies old
-- unsubscribe links and nothing else.
create table keys (
  id         integer primary key autoincrement,
  purpose    text    not null, -- token, message_id, erasure
  secret     blob    not null,
  created_at integer not null,
  retired_at integer
) strict;
