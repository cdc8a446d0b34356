module trizone/pause

go 1.26.0
