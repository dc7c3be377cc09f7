package picture

import (
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
)

// What a veiled copy keeps of a picture: veilCells values of grey along its longer side, each the mean of its part of the
// picture and mixed with its neighbours, drawn veilSide pixels long. More can't be had back from it.
const (
	veilCells = 40
	veilSide  = 320
	veilMixes = 2
)

// Veil writes a small, grey, strongly blurred copy of a picture as a PNG without metadata. Errors as of Reencode.
func Veil(ctx context.Context, r io.Reader, w io.Writer) error {
	img, info, err := decode(ctx, r)
	if err != nil {
		return err
	}
	g := coarse(img)
	for range veilMixes {
		g = g.mix()
	}
	return wrap("write a copy", png.Encode(w, upright(g.draw(), info.Orientation)))
}

// grid is a picture as a few means of grey.
type grid struct {
	w, h int
	v    []float64
}

func (g *grid) at(x, y int) float64 {
	return g.v[min(max(y, 0), g.h-1)*g.w+min(max(x, 0), g.w-1)]
}

// coarse reduces a picture to its cells, a row of pixels at a time.
func coarse(img image.Image) *grid {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	longer := max(w, h)
	g := &grid{w: min(w, max(1, w*veilCells/longer)), h: min(h, max(1, h*veilCells/longer))}
	g.v = make([]float64, g.w*g.h)
	count := make([]float64, len(g.v))
	row := image.NewRGBA(image.Rect(0, 0, w, 1))
	for y := range h {
		draw.Draw(row, row.Rect, img, image.Pt(b.Min.X, b.Min.Y+y), draw.Src)
		line := g.w * (y * g.h / h)
		for x := range w {
			p := row.Pix[4*x : 4*x+4]
			// ITU-R BT.601's weights; what is transparent counts as middle grey.
			grey := 0.299*float64(p[0]) + 0.587*float64(p[1]) + 0.114*float64(p[2]) + float64(255-p[3])/2
			g.v[line+x*g.w/w] += grey
			count[line+x*g.w/w]++
		}
	}
	for i := range g.v {
		g.v[i] /= max(1, count[i])
	}
	return g
}

// mix gives each cell the mean of itself and its neighbours.
func (g *grid) mix() *grid {
	out := &grid{g.w, g.h, make([]float64, len(g.v))}
	for y := range g.h {
		for x := range g.w {
			sum := 0.0
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					sum += g.at(x+dx, y+dy)
				}
			}
			out.v[y*g.w+x] = sum / 9
		}
	}
	return out
}

// draw makes pixels of cells, smoothly, so that nobody looks for edges that are not there.
func (g *grid) draw() *image.Gray {
	longer := max(g.w, g.h)
	w, h := max(1, g.w*veilSide/longer), max(1, g.h*veilSide/longer)
	out := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		fy := (float64(y)+0.5)*float64(g.h)/float64(h) - 0.5
		y0 := int(fy+1) - 1
		for x := range w {
			fx := (float64(x)+0.5)*float64(g.w)/float64(w) - 0.5
			x0 := int(fx+1) - 1
			rx, ry := fx-float64(x0), fy-float64(y0)
			v := (g.at(x0, y0)*(1-rx)+g.at(x0+1, y0)*rx)*(1-ry) + (g.at(x0, y0+1)*(1-rx)+g.at(x0+1, y0+1)*rx)*ry
			out.SetGray(x, y, color.Gray{Y: uint8(min(255, max(0, v)))})
		}
	}
	return out
}
