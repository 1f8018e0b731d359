-- Rendered letters of a wave, without what differs per reader.
create table variants (
  id      integer primary key autoincrement,
  wave    integer not null,
  subject text    not null,
  letter  blob    not null, -- mailer.Template
  posts   text    not null  -- JSON array of post ids, newest first
) strict;

create index variants_wave on variants (wave);

-- One (issue, subscriber), for ever. Rows of a wave that is not published yet
-- are invisible to the sender and deleted at start-up.
create table deliveries (
  id          integer primary key autoincrement,
  issue       integer not null,
  subscriber  integer not null,
  wave        integer not null,
  variant     integer not null,
  state       text    not null,
  attempts    integer not null default 0,
  due_at      integer not null default 0,
  owner       text    not null default '',
  fence       integer not null default 0,
  lease_until integer not null default 0,
  intent_at   integer not null default 0, -- first intent: the letter's Date
  address     text    not null default '', -- of the last intent
  cause       text    not null default '', -- why the state is what it is
  reply       text    not null default '', -- the server's last answer
  updated_at  integer not null default 0,
  unique (issue, subscriber)
) strict;

create index deliveries_open on deliveries (state, due_at) where state in ('queued', 'leased', 'inflight', 'deferred', 'unknown');
create index deliveries_subscriber on deliveries (subscriber);
create index deliveries_wave on deliveries (wave);

-- One letter to one person outside an issue; unique per person, kind, request.
create table notices (
  id          integer primary key autoincrement,
  subscriber  integer not null, -- 0 is the owner
  kind        text    not null,
  request     text    not null,
  recipient   text    not null,
  subject     text    not null,
  letter      blob    not null, -- mailer.Template
  state       text    not null,
  attempts    integer not null default 0,
  due_at      integer not null default 0,
  owner       text    not null default '',
  fence       integer not null default 0,
  lease_until integer not null default 0,
  intent_at   integer not null default 0,
  address     text    not null default '',
  cause       text    not null default '',
  reply       text    not null default '',
  updated_at  integer not null default 0,
  created_at  integer not null,
  unique (subscriber, kind, request)
) strict;

create index notices_open on notices (state, due_at) where state in ('queued', 'leased', 'inflight', 'deferred', 'unknown');
