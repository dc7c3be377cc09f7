package lang

// Form is a plural form, as CLDR names them.
type Form string

// The forms. What numbers each is for differs by language.
const (
	Zero  Form = "zero"
	One   Form = "one"
	Two   Form = "two"
	Few   Form = "few"
	Many  Form = "many"
	Other Form = "other"
)

// Plural returns the form a language uses with a whole number. The sign does not matter.
func (l Lang) Plural(n int64) Form {
	u := uint64(n)
	if n < 0 {
		u = -u
	}
	return l.speech().plural(u)
}

// Forms returns the plural forms of a language that whole numbers below a million reach.
func (l Lang) Forms() []Form { return l.speech().forms }

// The rules are those of CLDR, cardinal, for whole numbers. French "many", for exact millions only, is left out:
// nothing here is counted in a compact form.

func pluralFrench(n uint64) Form {
	if n <= 1 {
		return One
	}
	return Other
}

func pluralEnglish(n uint64) Form {
	if n == 1 {
		return One
	}
	return Other
}

func pluralArabic(n uint64) Form {
	switch tail := n % 100; {
	case n == 0:
		return Zero
	case n == 1:
		return One
	case n == 2:
		return Two
	case tail >= 3 && tail <= 10:
		return Few
	case tail >= 11:
		return Many
	}
	return Other
}

// pluralAmazigh is CLDR's rule for tzm, the same language in its table: zgh itself has none there.
func pluralAmazigh(n uint64) Form {
	if n <= 1 || n >= 11 && n <= 99 {
		return One
	}
	return Other
}
