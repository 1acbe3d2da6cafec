// Package houserules is only tests: the rules of this repository that a machine
// can check, the import arrows first.
package houserules
