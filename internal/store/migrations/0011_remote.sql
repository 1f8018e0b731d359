-- Remote feeds: the last good answer of each, and how asking went since.
create table remotes (
  source        integer primary key references sources (key),
  feed          text    not null, -- the configured address
  moved         text    not null, -- where it has moved for good, or ''
  etag          text    not null,
  last_modified text    not null,
  text          blob,             -- gzip of the last good answer in UTF-8; null before the first
  base          text    not null, -- the address that it came from
  got_at        integer not null,
  site          text    not null, -- JSON object: what it says of itself
  pace          integer not null, -- seconds that it asks to be left alone
  asked_at      integer not null,
  next_at       integer not null, -- it is not asked before
  failures      integer not null, -- in a row
  failure       text    not null, -- of the last one, '' after a good answer
  host          text    not null, -- that was asked last
  rest_at       integer not null  -- it asked to be left alone until then
) strict;
create index remotes_host on remotes (host) where rest_at <> 0;

-- The items of remote feeds as they were shown last: their bodies are rendered
-- from here.
create table remote_items (
  source integer not null,
  path   text    not null,
  data   blob    not null, -- gzip
  primary key (source, path)
) strict;

-- The feed that a post was first published in: a JSON object, or ''.
alter table posts add column origin text not null default '';

-- The last trace of an item whose GUID and address are new.
create index posts_date on posts (date) where origin <> '';

-- 1 where the file shows a post that is taken from another source.
alter table files add column twin integer not null default 0;
create index files_twin on files (source) where twin = 1;
