-- One address, for ever the same id. Erasing deletes the row; its id is never
-- given to somebody else, so deliveries may go on naming it.
create table subscribers (
  id           integer primary key autoincrement,
  address      text    not null,        -- as it is mailed: local part as spelled, domain in A-labels
  address_key  text    not null unique, -- folded: one mailbox, one subscriber
  hash         text    not null,        -- keyed hash of address_key, as in suppressions
  state        text    not null check (state in ('pending', 'active', 'paused', 'unsubscribed', 'bounced', 'complained')),
  name         text    not null default '', -- for the owner's eyes; never in a letter
  language     text    not null default '', -- '' is the digest's
  created_at   integer not null,
  confirmed_at integer,
  changed_at   integer not null
) strict;

create index subscribers_hash on subscribers (hash);
create index subscribers_state on subscribers (state, id);

-- How and when somebody agreed or left. Erasing keeps hash and date alone.
create table consents (
  id         integer primary key autoincrement,
  subscriber integer,
  hash       text    not null,
  digest     text    not null default '',
  kind       text    not null check (kind in ('signup', 'confirm', 'import', 'operator', 'leave')),
  statement  text    not null default '',
  at         integer not null
) strict;

create index consents_subscriber on consents (subscriber);
create index consents_hash on consents (hash);

-- Addresses that must not be mailed, whatever a list says. The reasons of one
-- address stand beside each other: lifting one leaves the others.
create table suppressions (
  hash    text    not null, -- keyed hash of address_key; its key never rotates
  reason  text    not null check (reason in ('unsubscribed', 'bounced', 'complained', 'erased', 'operator')),
  address text    not null default '', -- '' where only the hash is kept
  note    text    not null default '',
  at      integer not null,
  primary key (hash, reason)
) strict, without rowid;

-- (subscriber, digest). It is live when it is confirmed and not left.
create table subscriptions (
  subscriber   integer not null,
  digest       text    not null,
  cadence      text    not null default '', -- '' follows the digest, like zone '', hour -1, minute -1
  zone         text    not null default '',
  hour         integer not null default -1,
  minute       integer not null default -1,
  topics       text    not null default '', -- JSON {"tags":[],"categories":[],"languages":[]}, or '' for everything
  cursor       integer not null,            -- served up to this sequence, unless wave says further
  wave         integer not null default 0,  -- last wave that the reader is in: once published, its issue's cut is the cursor
  created_at   integer not null,
  confirmed_at integer,
  left_at      integer,
  primary key (subscriber, digest)
) strict, without rowid;

create index subscriptions_live on subscriptions (digest, cadence, zone, hour, minute, subscriber)
  where confirmed_at is not null and left_at is null;

-- Whom a letter of a digest may go to, asked last before it goes.
create view recipients as
  select s.subscriber, s.digest, u.address
  from subscriptions s join subscribers u on u.id = s.subscriber
  where u.state = 'active' and s.confirmed_at is not null and s.left_at is null
    and not exists (select 1 from suppressions p where p.hash = u.hash);

-- Posts whose letter did not arrive. wave is the wave that took them up; the
-- debt is paid when that wave is published.
create table owed (
  subscriber integer not null,
  digest     text    not null,
  post       text    not null,
  wave       integer not null default 0,
  primary key (subscriber, digest, post)
) strict, without rowid;

-- The memory of the schedule: a label is taken or skipped once.
create table slots (
  digest  text    not null,
  cadence text    not null,
  label   text    not null,
  state   text    not null check (state in ('taken', 'skipped')),
  due_at  integer not null, -- the first instant that counted
  at      integer not null, -- when it was decided
  cause   text    not null default '',
  primary key (digest, cadence, label)
) strict, without rowid;

create table issues (
  id           integer primary key autoincrement,
  digest       text    not null,
  cadence      text    not null,
  label        text    not null,
  number       integer, -- what readers see, over all digests; given with the first letter
  cut          integer not null,
  due_at       integer not null, -- as in slots: no wave of it is earlier
  opened_at    integer not null,
  closed_at    integer,
  cancelled_at integer,
  unique (digest, cadence, label),
  unique (number)
) strict;

create index issues_open on issues (digest, cadence) where closed_at is null;

-- (issue, instant). Rows under a wave that is not published are invisible.
create table waves (
  id           integer primary key autoincrement,
  issue        integer not null,
  instant      integer not null,
  readers      integer not null default 0,
  letters      integer not null default 0,
  published_at integer,
  unique (issue, instant)
) strict;

create index waves_unpublished on waves (id) where published_at is null;

-- While a wave is frozen: which variant readers with these interests get.
-- A variant of null is an empty share: no letter.
create table shares (
  wave     integer not null,
  zone     text    not null,
  language text    not null,
  cursor   integer not null,
  topics   text    not null,
  extra    text    not null, -- owed posts and, in a manual send, posts already served
  variant  integer,
  primary key (wave, zone, language, cursor, topics, extra)
) strict, without rowid;
