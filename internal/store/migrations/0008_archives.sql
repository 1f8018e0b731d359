-- The ledger's version when a post last changed in the eyes of a feed.
alter table releases add column version integer not null default 0;
create index releases_version on releases (version);

-- A withdrawn post is told of for a while, until its tombstone is dropped.
alter table releases add column buried integer not null default 0;
create index releases_tombstones on releases (withdrawn_at) where withdrawn_at <> 0 and buried = 0;

-- What the documents of each feed were made of: while that is the same, they
-- need not be made again.
create table feeds (
  feed       text primary key,            -- its folder, '' is the feed of everything
  version    integer not null,            -- of the ledger
  base       text    not null,            -- configuration
  inputs     text    not null,            -- configuration, posts, tombstones
  files      text    not null,            -- sizes and times of the files
  changed_at integer not null             -- newest event ever seen in it
) strict, without rowid;

-- Archive pages: each holds the posts of its feed in a range of sequence
-- numbers, which never changes. inputs is '' where the files must be made.
create table archives (
  feed       text    not null,
  page       integer not null,            -- from 0, the oldest
  first_seq  integer not null,
  last_seq   integer not null,
  inputs     text    not null default '',
  changed_at integer not null default 0,
  primary key (feed, page),
  unique (feed, last_seq)
) strict, without rowid;

create index archives_unmade on archives (feed, page) where inputs = '';
