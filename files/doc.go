// Package files reads and writes workflows as their authors keep them in YAML
// files. It opens no file: what it reads and writes are texts with names.
//
// A file is of one mailbox, which it names by its address. It has a list of
// workflows, or is one workflow itself:
//
//	mailbox: support@example.com
//	workflows:
//	  - name: Refund requests
//	    type: automatic
//	    …
//
// The workflows of a mailbox stand in the order of their files' names and, within
// a file, of the list. Texts that several use are templates, which any file may
// have for all files:
//
//	templates:
//	  thanks: Thank you for writing.
//
// and a body then is {template: thanks}.
package files
