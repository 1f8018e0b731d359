-- The folder of the feed of each word, from the first time that it was made:
-- words that are alike come and go, and an address stays with its word.
create table folders (
  kind   text not null,        -- the folder of its kind: tags
  word   text not null,        -- folded
  folder text not null unique, -- tags/go
  primary key (kind, word)
) strict, without rowid;

-- The words of posts when they were withdrawn: their feeds tell of it until the
-- tombstone is dropped.
create table graves (
  term integer not null,
  seq  integer not null,
  primary key (term, seq)
) strict, without rowid;
create index graves_seq on graves (seq);

insert or ignore into graves (term, seq)
  select j.value, r.seq from releases r join posts p on p.key = r.post, json_each(p.terms) j
  where r.withdrawn_at <> 0 and r.buried = 0;
