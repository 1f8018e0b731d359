-- What hubs must be told: one ping for each hub and topic, of the newest bytes.
create table pings (
  hub         text    not null,
  topic       text    not null,
  tag         text    not null, -- of the bytes
  state       text    not null, -- queued, inflight, done, failed, expired
  since       integer not null, -- when the bytes changed
  due_at      integer not null,
  attempts    integer not null default 0, -- refusals in a row
  refused_at  integer not null default 0, -- of the first of them
  fence       integer not null default 0, -- a settlement with an older one is void
  lease_until integer not null default 0,
  reply       text    not null default '',
  tried_at    integer not null default 0,
  primary key (hub, topic)
) strict, without rowid;

-- Of the bytes of a feed's files.
alter table feeds add column tags text not null default '';
