package check
import ("testing";"os";"sanad/internal/law/pack";"sanad/packs";"errors";"strings";"regexp";"sort")
func TestTmpMsg(t *testing.T){
  id:=os.Getenv("PACKID"); dir:=os.Getenv("PACKDIR")
  re:=regexp.MustCompile("message (\\S+) is worded in no language")
  keys:=map[string]bool{}
  for range 10 {
  _,err:=pack.Load(os.DirFS(dir),id,packs.Open,nil)
  var ps pack.Problems
  if !errors.As(err,&ps){break}
  n:=len(keys)
  for _,p:=range ps { if m:=re.FindStringSubmatch(p.What);m!=nil{keys[m[1]]=true}}
  if len(keys)==n {t.Log(err);break}
  var ks []string
  for k:=range keys{ks=append(ks,k)}
  sort.Strings(ks)
  var b strings.Builder
  for _,k:=range ks { i:=strings.LastIndexByte(k,'.'); b.WriteString("\""+k+"\": \""+strings.ReplaceAll(k[i+1:],"_"," ")+"\"\n")}
  os.WriteFile(dir+"/messages/en.yaml",[]byte(b.String()),0o644)
  }
}
