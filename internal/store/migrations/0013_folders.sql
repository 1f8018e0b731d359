-- The folder of the feed of each word, from the first time that it was made:
-- words that are alike come and go, and an address stays with its word.
create table folders (
  kind   text not null,        -- the folder of its kind: tags
  word   text not null,        -- folded
  folder text not null unique, -- tags/go
  primary key (kind, word)
) strict, without rowid;
