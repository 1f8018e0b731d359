-- The files that come with a post, and its small picture.
alter table posts add column enclosures text not null default '[]'; -- JSON array of objects
alter table posts add column thumbnail text not null default '';

-- The post's URL as posts are compared by it (posts.FoldURL): what another
-- source says of the same page is found by it. For the rows that are there it
-- is near enough until the post is written again.
alter table posts add column page text not null default '';
update posts set page = rtrim(substr(url, instr(url, '://') + 3), '/') where url like 'http%://%';
update posts set page = substr(page, 5) where page like 'www.%.%';
update posts set page = substr(page, 1, length(page) - 11) where page like '%/index.html';
create index posts_page on posts (page) where page <> '';
create index posts_fingerprint on posts (fingerprint) where fingerprint <> '';

-- The same for the posts whose file is gone.
update or ignore lost set key = substr(key, 5) where kind = 'url' and key like 'www.%.%';
update or ignore lost set key = substr(key, 1, length(key) - 11) where kind = 'url' and key like '%/index.html';

-- The ids under which feeds show posts in place of posts.id: those that readers
-- held before. Format '' is for every format without one of its own.
create table guids (
  post   integer not null references posts (key),
  format text    not null, -- '', rss, atom, json
  guid   text    not null,
  primary key (post, format)
) strict, without rowid;

create unique index guids_guid on guids (guid, format);
