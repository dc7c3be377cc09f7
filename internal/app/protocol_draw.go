package app

import (
	"context"
	"flag"
	"fmt"
	"strings"

	"sanad/internal/kit/lang"
	lawcheck "sanad/internal/law/check"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
	"sanad/packs"
)

func protocolDrawFlags(fs *flag.FlagSet) Run {
	name := fs.String("pack", packs.Default(), "the country pack, a `NAME|FOLDER`")
	language := fs.String("lang", "fr", "the language of the drawing: `fr|ar|en`")
	return func(_ context.Context, env Env, args []string) int {
		svg, err := protocolDraw(*name, *language, args[0])
		if err != nil {
			return say(env, "protocol draw", err)
		}
		_, err = env.Stdout.Write(svg)
		if err != nil {
			say(env, "protocol draw", err)
			return ExitCant
		}
		return ExitGood
	}
}

func protocolDraw(name, language, id string) ([]byte, error) {
	l, err := reportLanguage(language)
	if err != nil {
		return nil, err
	}
	kinds, err := catalogue()
	if err != nil {
		return nil, err
	}
	law, err := loadPack(name, kinds)
	if err != nil {
		return nil, err
	}
	p, err := protocolOf(law, id)
	if err != nil {
		return nil, err
	}
	messages, err := (&house{pack: law}).messages()
	if err != nil {
		return nil, err
	}
	return drawProtocol(messages.For(l), p, nil), nil
}

// drawProtocol draws a protocol, with where a run stands in it where a place is given.
func drawProtocol(printer *lang.Printer, p *protocol.Protocol, at *lawcheck.Place) []byte {
	words := func(key string, args map[string]string) string {
		with := lang.Args{}
		for name, v := range args {
			with[name] = lang.Worded(v)
		}
		if !printer.Has(key) {
			return key[strings.LastIndexByte(key, '.')+1:]
		}
		return printer.Text(key, with)
	}
	return lawcheck.Draw(p, string(printer.Lang()), printer.Dir() == "rtl", words, at)
}

// protocolOf returns the newest version of a protocol of a pack.
func protocolOf(law *pack.Pack, id string) (*protocol.Protocol, error) {
	p := law.Engine().Protocol(id, 0)
	if p == nil {
		var ids []string
		for i := range law.Protocols {
			ids = append(ids, law.Protocols[i].ID)
		}
		return nil, fmt.Errorf("pack %s has no protocol %.60q: expected %s", law.ID, id, nearest(id, ids))
	}
	return p, nil
}
