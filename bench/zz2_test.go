package bench
import ("testing";"path/filepath";"time";"os";"strconv";"context";"sanad/internal/archive/ledger";"sanad/internal/archive/store";"fmt";"slices")
func BenchmarkYY(b *testing.B){
 n,_:=strconv.Atoi(os.Getenv("W"))
 ctx:=context.Background()
 db, err := openNew(ctx, filepath.Join(b.TempDir(), "sanad.db"))
 if err!=nil {b.Fatal(err)}
 s:=&ledgerSide{db:db}
 var sizes []int; var durs []float64; var gaps []float64; last:=time.Now()
 s.group = store.NewGroup(n, func(in []*ledger.Entry) []store.Result[int64] {
    out := make([]store.Result[int64], len(in))
    st:=time.Now(); gaps=append(gaps,st.Sub(last).Seconds()*1e3)
    err := appendAll(ctx, db, in, func(i int, seq int64) { out[i].Out = seq })
    if err!=nil {panic(err)}
    durs=append(durs,time.Since(st).Seconds()*1e3); sizes=append(sizes,len(in)); last=time.Now()
    return out})
 defer s.close()
 for b.Loop(){ for range 3 { sizes=nil;durs=nil;gaps=nil; r:=rate(b, s.add, n, 2*time.Second); 
  d:=slices.Sorted(slices.Values(durs)); g:=slices.Sorted(slices.Values(gaps)); z:=slices.Sorted(slices.Values(sizes)); k:=len(d)
  b.Log(fmt.Sprintf("%.0f/s commits %d size p10 %d p50 %d p90 %d dur p10 %.2f p50 %.2f p90 %.2f p99 %.2f gap p50 %.2f p90 %.2f", r,k,z[k/10],z[k/2],z[k*9/10],d[k/10],d[k/2],d[k*9/10],d[k*99/100],g[k/2],g[k*9/10])) } }
}
