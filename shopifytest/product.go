package shopifytest

import (
	"fmt"
	"hash/fnv"
)

// product is a product as the local Admin API shows it.
type product struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	Status    string `json:"status"`
	Inventory int    `json:"total_inventory"`
}

func (p product) node() node {
	return node{"Product", map[string]resolver{
		"id": constant(p.ID), "title": constant(p.Title),
		"status": constant(p.Status), "totalInventory": constant(p.Inventory),
	}}
}

// seedProducts stocks a shop: the same name always gets the same products.
func seedProducts(shop string, id int64) []product {
	titles := []string{
		"Canvas tote", "Enamel mug", "Linen apron", "Oak cutting board", "Wool blanket",
		"Brass pen", "Cotton socks", "Glass carafe", "Leather notebook", "Stone vase",
	}
	statuses := []string{"ACTIVE", "ACTIVE", "ACTIVE", "DRAFT", "ARCHIVED"}
	var list []product
	h := fnv.New32a()
	_, _ = h.Write([]byte(shop))
	n := int(h.Sum32() >> 1)
	for i := range 5 {
		list = append(list, product{
			ID:        fmt.Sprintf("gid://shopify/Product/%d", id*10+int64(i)),
			Title:     titles[(n+i)%len(titles)],
			Status:    statuses[i],
			Inventory: n / (i + 2) % 200,
		})
	}
	return list
}
