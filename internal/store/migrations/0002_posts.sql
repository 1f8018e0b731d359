-- One row per source of posts, with the outcome of its last scan.
create table sources (
  key         integer primary key autoincrement,
  name        text    not null unique,
  revision    integer not null default 0, -- counts every change to its posts
  baseline_at integer not null default 0, -- end of the first whole scan
  scanned_at  integer not null default 0, -- last scan that was not refused
  failed_at   integer not null default 0, -- last scan that failed; 0 after a good one
  failure     text    not null default '',
  held_at     integer not null default 0, -- since when scans are held; 0 is not
  hold        text    not null default '', -- why
  drawn       text    not null default '', -- what rendering of many bodies was finished
  drawn_at    integer not null default 0   -- at this revision
) strict;

-- What shaped a post or a body apart from its file: configuration, versions.
create table configs (
  key  integer primary key autoincrement,
  text text not null unique
) strict;

-- What is known of each post. The columns up to image are the source's words.
create table posts (
  key         integer primary key autoincrement,
  id          text    not null unique, -- tag: URI, minted once
  source      integer not null references sources (key),
  path        text    not null,        -- the last one, where the file is gone
  explicit_id text    not null,
  title       text    not null,
  date        integer not null,
  updated     integer not null,
  not_before  integer not null,
  expires     integer not null,
  declared    text    not null,
  tags        text    not null, -- JSON array of strings
  categories  text    not null, -- JSON array of strings
  authors     text    not null, -- JSON array of objects
  language    text    not null,
  slug        text    not null,
  url         text    not null,
  aliases     text    not null, -- JSON array of strings
  summary     text    not null,
  image       text    not null,
  fingerprint text    not null,
  seen_at     integer not null, -- first
  edited_at   integer not null default 0,
  terms       text    not null  -- JSON array of terms.key
) strict;

create index posts_explicit on posts (explicit_id) where explicit_id <> '';
create index posts_expires on posts (expires) where expires <> 0;

-- The files of a source as they were last read, narrow and in the order of a
-- scan. A file that must be read again whatever its stamp has size -1.
create table files (
  source integer not null,
  path   text    not null,
  size   integer not null,
  mtime  integer not null, -- Unix nanoseconds
  hash   blob    not null,
  config integer not null,
  post   integer not null, -- 0 where the file is no post
  primary key (source, path)
) strict, without rowid;

create index files_post on files (post) where post <> 0;

-- The ways to find a post again whose file is gone.
create table lost (
  source integer not null,
  kind   text    not null, -- path, fingerprint, url
  key    text    not null,
  post   integer not null,
  primary key (source, kind, key, post)
) strict, without rowid;

create index lost_post on lost (post);

-- Posts with a file that were never released, and what they wait for.
create table waiting (
  post    integer primary key,
  since   integer not null, -- when it was first seen as published
  tries   integer not null default 0,
  next_at integer not null default 0,
  reason  text    not null default ''
) strict;

-- The order of release. A sequence number is never given twice.
create table releases (
  seq          integer primary key autoincrement,
  post         integer not null unique,
  released_at  integer not null,
  mailable     integer not null,
  withdrawn_at integer not null default 0
) strict;

create index releases_withdrawn on releases (withdrawn_at) where withdrawn_at <> 0;

-- Tags, categories, languages and sources, folded. version is the ledger's
-- when a released post of the term last changed.
create table terms (
  key     integer primary key autoincrement,
  kind    text    not null, -- tag, category, language, source
  name    text    not null,
  version integer not null default 0,
  unique (kind, name)
) strict;

-- The released posts of each term that are not withdrawn.
create table post_terms (
  term integer not null,
  seq  integer not null,
  primary key (term, seq)
) strict, without rowid;

-- One row: counts every change that a feed or a letter could show.
create table ledger (
  one     integer primary key check (one = 1),
  version integer not null
) strict;

insert into ledger (one, version) values (1, 0);

-- Rendered bodies. The narrow columns come first: a look at them must not read
-- the text.
create table bodies (
  post          integer primary key,
  hash          blob    not null, -- of the file's bytes
  renderer      integer not null, -- configs.key
  columns       integer not null,
  code_language text    not null,
  image         text    not null,
  summary       text    not null,
  code          text    not null,
  html          text    not null
) strict;

-- What the owner should mend, from the last scan and the last rendering.
create table problems (
  source  integer not null,
  path    text    not null,
  stage   text    not null, -- scan, render
  n       integer not null, -- order within path and stage
  line    integer not null,
  warning integer not null,
  message text    not null,
  primary key (source, path, stage, n)
) strict, without rowid;
