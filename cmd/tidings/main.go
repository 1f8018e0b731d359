// Command tidings turns a blog into feeds and newsletters.
package main

func main() {}
