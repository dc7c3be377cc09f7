// Package lang words things: messages in the reader's language with named arguments, plural forms, numbers, dates
// and time left, each as that language writes them, and text of another script kept in its own direction.
//
// Messages are data, one YAML file a language, loaded in layers: the program's own first, a country pack's over
// them. Names of months, the order of a date and the sign between thousands are messages too, so a country can
// have its own. The package reads no clock and no file outside the fs.FS it is given, and knows no country.
//
// # Files
//
//	# fr.yaml
//	signin.title: Se connecter
//	queue.count:
//	  one: "{count} dossier"
//	  other: "{count} dossiers"
//
// A key maps to a text or to plural forms; {name} is where an argument goes. Arguments are formatted by their type:
// see Printer.Text.
package lang
