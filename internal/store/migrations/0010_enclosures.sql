-- The files that come with a post, and its small picture.
alter table posts add column enclosures text not null default '[]'; -- JSON array of objects
alter table posts add column thumbnail text not null default '';
