"""readfeed.py URL ETAG MODIFIED: reads a feed as a reader that uses feedparser does.

Asks with what the last answer said of itself, and prints as JSON what the
answer is and which entries it brings.
"""
import calendar, json, sys
import feedparser

url, etag, modified = sys.argv[1:]
d = feedparser.parse(url, etag=etag or None, modified=modified or None)
when = lambda e, key: calendar.timegm(e[key]) if e.get(key) else 0
print(json.dumps({
    'status': d.get('status'), 'etag': d.get('etag', ''), 'modified': d.get('modified', ''),
    'bozo': str(d.get('bozo_exception', '')) if d.bozo else '', 'title': d.feed.get('title', ''), 'language': d.feed.get('language', ''),
    'entries': [{
        'id': e.get('id', ''), 'title': e.get('title', ''), 'link': e.get('link', ''), 'published': when(e, 'published_parsed'),
        'content': ''.join(c.value for c in e.get('content', [])) or e.get('summary', ''),
    } for e in d.entries],
}))
