-- Rendered letters of a wave, without what differs per reader.
create table variants (
  id      integer primary key autoincrement,
  wave    integer not null,
  subject text    not null,
  letter  blob    not null, -- mailer.Template
  posts   text    not null, -- JSON array of post ids, newest first
  sender  text    not null default '' -- bare envelope sender; '' is the dispatcher's own
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
  attempts    integer not null default 0, -- deferrals
  due_at      integer not null default 0,
  owner       text    not null default '', -- of a leased or inflight row
  fence       integer not null default 0, -- a result with an older one is void
  lease_until integer not null default 0,
  intent_at   integer not null default 0, -- first intent: the letter's Date
  address     text    not null default '', -- of the last intent
  cause       text    not null default '', -- why the state is what it is
  reply       text    not null default '', -- the server's last answer
  updated_at  integer not null default 0,
  unique (issue, subscriber)
) strict;

-- Written as OR: SQLite proves no query to be inside of an IN.
create index deliveries_due on deliveries (state, wave, due_at) where state = 'queued' or state = 'deferred' or state = 'unknown';
-- A letter keeps its place here from claim to result: one entry, not three.
create index deliveries_owned on deliveries (owner) where owner <> '';
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
  sender      text    not null default '',
  message_id  text    not null default '', -- set by the first claim
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

create index notices_due on notices (state, due_at) where state = 'queued' or state = 'deferred' or state = 'unknown';
create index notices_owned on notices (owner) where owner <> '';

-- What the Message-IDs of an issue are made of, fixed by its first claim: a
-- letter that is sent again carries the same one, whatever was configured since.
create table issue_ids (
  issue  integer primary key,
  key    integer not null references keys (id),
  domain text    not null
) strict;

-- Refusals that count against an address. A verdict of '' waits for its window:
-- too many of them blame the server, not the readers.
create table bounces (
  id         integer primary key autoincrement,
  subscriber integer not null,
  address    text    not null,
  notice     integer not null, -- 1: letter is a notice, else a delivery
  letter     integer not null,
  kind       text    not null, -- hard, bare, soft
  reply      text    not null,
  verdict    text    not null default '', -- suppressed, counted, returned
  at         integer not null
) strict;

create index bounces_address on bounces (address, at);
create index bounces_open on bounces (id) where verdict = '';
