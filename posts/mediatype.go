package posts

import (
	"net/url"
	"path"
	"strings"
)

// mediaTypes is fixed: the machine's own table would make bytes differ.
var mediaTypes = map[string]string{
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif",
	".webp": "image/webp", ".avif": "image/avif", ".svg": "image/svg+xml", ".bmp": "image/bmp",
	".ico": "image/vnd.microsoft.icon",
	".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".m4b": "audio/mp4", ".aac": "audio/aac", ".ogg": "audio/ogg", ".oga": "audio/ogg",
	".opus": "audio/ogg", ".flac": "audio/flac", ".wav": "audio/wav",
	".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".ogv": "video/ogg", ".mov": "video/quicktime",
	".pdf": "application/pdf", ".epub": "application/epub+zip", ".zip": "application/zip",
}

// MediaType returns the media type that the ending of an address or a path
// stands for, "" where it is not known.
func MediaType(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return mediaTypes[strings.ToLower(path.Ext(address))]
	}
	return mediaTypes[strings.ToLower(path.Ext(u.Path))]
}
