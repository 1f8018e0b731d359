package main

import "runtime/debug"

// release is the version of the newest entry in CHANGELOG.md.
const release = "0.1.0"

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(sh *shell) error {
	if sh.args.JSON {
		return sh.printJSON(map[string]string{"version": version()})
	}
	sh.printf("tidings %s\n", version())
	return nil
}

// version is the release and, where the build knows it, the commit.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return release + "+" + s.Value[:12]
			}
		}
	}
	return release
}
