-- Authors become terms, as tags are. SQLite folds ASCII alone: the program has
-- put every name and its folded form into the temporary table folded before.
insert into terms (kind, name, version)
  select distinct 'author', f.fold, l.version from folded f, ledger l;

update posts set terms = (
  select json_group_array(term) from (
    select value as term from json_each(posts.terms)
    union
    select t.key from json_each(posts.authors) a
      join folded f on f.name = a.value ->> 'name'
      join terms t on t.kind = 'author' and t.name = f.fold))
where authors <> '[]';

insert into post_terms (term, seq)
  select distinct j.value, r.seq from releases r join posts p on p.key = r.post, json_each(p.terms) j
    join terms t on t.key = j.value and t.kind = 'author'
  where r.withdrawn_at = 0;

drop table folded;
