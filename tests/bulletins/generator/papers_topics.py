"""What invented bulletins are about: a subject, an opening, points and closing words, with slots of papers_words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    subject: str
    opening: str
    points: tuple[str, ...]
    closing: tuple[str, ...]


TOPICS: tuple[Topic, ...] = (
    Topic(
        "tạm ngừng cấp nước sạch để súc rửa bể chứa",
        "Trạm cấp nước xã {commune} thông báo tạm ngừng cấp nước để súc rửa bể chứa và thay van đầu nguồn như sau:",
        ("Thời gian ngừng nước: từ {hour} đến {hour}, {weekday}, {date}.",
         "Khu vực bị ảnh hưởng: {hamlet}, {hamlet} và các hộ dọc trục đường liên xã.",
         "Nước có thể đục trong vài giờ đầu; bà con mở vòi xả cặn rồi hãy dùng để nấu ăn.",
         "Các hộ khóa van sau đồng hồ, không tự ý tháo kẹp chì; vi phạm bị phạt {money}.",
         "Giá nước sinh hoạt vẫn giữ mức {some}.000 đồng cho 10 khối đầu tiên."),
        ("Mọi phản ánh xin gọi ông {person}, quản lý trạm, điện thoại {phone}.",
         "Trạm cấp nước xin lỗi bà con vì sự bất tiện này."),
    ),
    Topic(
        "phòng, chống rét đậm, rét hại cho cây trồng và vật nuôi",
        "Theo dự báo, từ {date} không khí lạnh tăng cường tràn về, nhiệt độ thấp nhất có nơi dưới {few}°C, vùng núi khả năng có sương muối.",
        ("Che chắn chuồng trại bằng bạt dứa, phên nứa; giữ nền chuồng khô, đốt trấu sưởi ấm vào ban đêm.",
         "Không chăn thả trâu, bò khi nhiệt độ ngoài trời dưới 12°C; cho ăn thêm cỏ ủ, cháo loãng pha muối.",
         "Mạ mới gieo phải phủ ni lông trắng; giữ mực nước trong ruộng từ {few} đến {some} cm.",
         "Ao nuôi cá giữ độ sâu trên 1,5 m, thả bèo tây phủ một phần ba mặt nước.",
         "Tuyệt đối không dùng bếp than tổ ong để sưởi trong phòng kín vì rất dễ ngạt khí."),
        ("Ban chỉ đạo sản xuất xã phân công bà {person} trực điện thoại {phone} để hướng dẫn bà con.",
         "Các {unit} báo cáo số gia súc bị chết về xã trước {hour} hằng ngày."),
    ),
    Topic(
        "tuyển chọn và gọi công dân nhập ngũ năm {year}",
        "Hội đồng Nghĩa vụ quân sự xã thông báo lịch sơ tuyển và khám sức khỏe nghĩa vụ quân sự năm {year}:",
        ("Đối tượng: nam công dân từ đủ 18 đến hết 25 tuổi; người có trình độ cao đẳng, đại học đến hết 27 tuổi.",
         "Sơ tuyển tại {place} vào {hour}, {date}; mang theo căn cước và giấy gọi.",
         "Chỉ tiêu giao cho xã là {some} thanh niên, trong đó Công an nhân dân {few} người.",
         "Trường hợp vắng mặt không có lý do chính đáng bị xử phạt từ {money} theo quy định.",
         "Gia đình liệt sĩ, thương binh hạng một được xét tạm hoãn, nộp hồ sơ trước {date}."),
        ("Đề nghị trưởng các {unit} đôn đốc thanh niên có mặt đúng giờ.",),
    ),
    Topic(
        "cấp đổi thẻ bảo hiểm y tế và chi trả lương hưu tháng {month}",
        "Bưu điện xã phối hợp với cơ quan Bảo hiểm xã hội thông báo lịch chi trả lương hưu, trợ cấp tháng {month} năm {year}.",
        ("Chi trả tại {place} từ {hour} đến {hour}, {date}.",
         "Người nhận thay phải có giấy ủy quyền đã chứng thực của xã.",
         "Mức đóng bảo hiểm y tế hộ gia đình của người thứ nhất là {money} một năm, từ người thứ hai được giảm dần.",
         "Toàn xã có {many} người đã tham gia, đạt tỷ lệ {percent}.",
         "Các cháu học sinh lớp 1 nộp bản sao giấy khai sinh cho cô giáo chủ nhiệm."),
        ("Liên hệ chị {person}, nhân viên bưu điện, số {phone}.", "Không nhận tiền hộ, không cho mượn thẻ."),
    ),
    Topic(
        "cảnh giác với lừa đảo qua mạng và điện thoại",
        "Thời gian gần đây, trên địa bàn xã đã có {few} vụ mất tiền do kẻ xấu giả danh công an, cán bộ điện lực và nhân viên ngân hàng.",
        ("Không cung cấp mã OTP, mật khẩu, số tài khoản cho bất kỳ ai, dù người gọi tự xưng là cán bộ.",
         "Không bấm vào đường dẫn lạ, không cài phần mềm dịch vụ công ngoài kho ứng dụng chính thức.",
         "Công an không làm việc, không lấy lời khai và không yêu cầu chuyển tiền qua điện thoại.",
         "Ngày {date}, một hộ ở {hamlet} đã bị lừa {money} khi nộp tiền cọc mua lợn giống.",
         "Khi thấy nghi ngờ, hãy dừng cuộc gọi, hỏi người thân rồi báo ngay cho Công an xã."),
        ("Số trực ban Công an xã: {phone}, trực 24/24 giờ.",),
    ),
    Topic(
        "họp {unit} bình xét hộ nghèo, hộ cận nghèo năm {year}",
        "Ban quản lý {hamlet} trân trọng kính mời đại diện các hộ gia đình tới dự cuộc họp với các nội dung sau:",
        ("Thời gian: {hour}, {weekday}, {date}.", "Địa điểm: {place}.",
         "Bình xét {some} hộ có đơn đăng ký; kết quả niêm yết công khai {few} ngày.",
         "Công khai quỹ đóng góp làm đường: đã thu {money}, còn thiếu {money}.",
         "Bầu bổ sung tổ hòa giải thay ông {person} chuyển nơi ở."),
        ("Sự có mặt của quý ông, quý bà góp phần cho cuộc họp thành công.", "Mỗi hộ cử một người, đến đúng giờ, tắt chuông điện thoại."),
    ),
    Topic(
        "ra quân tổng vệ sinh môi trường và trồng cây đầu xuân",
        "Thực hiện Kế hoạch số {code} ngày 05/{month}/{year}, Ủy ban nhân dân xã phát động ra quân tổng vệ sinh môi trường.",
        ("Khơi thông cống rãnh, phát quang bụi rậm hai bên đường từ {hamlet} đến {hamlet}.",
         "Thu gom vỏ bao thuốc bảo vệ thực vật bỏ vào bể chứa ngoài đồng, không vứt xuống mương.",
         "Mỗi chi hội trồng ít nhất {some} cây lát, cây sấu; cây giống nhận tại {place}.",
         "Rác thải phân thành ba loại; xe thu gom đến lúc {hour} các ngày thứ Ba và thứ Sáu.",
         "Đốt rơm rạ sát đường giao thông bị phạt đến {money}."),
        ("Thời gian tập trung: {hour}, {date}. Mang theo cuốc, xẻng, chổi và bao tải.", "{unit} nào làm tốt được khen thưởng dịp tổng kết."),
    ),
    Topic(
        "lịch lấy nước và mở cống phục vụ gieo cấy",
        "Hợp tác xã dịch vụ nông nghiệp thông báo lịch bơm nước đợt {few} cho các xứ đồng như sau:",
        ("Trạm bơm {hamlet} chạy từ {hour} đến {hour}, tưới cho {some} ha lúa.",
         "Cống Ba Cửa mở lúc {hour} {date}, đóng khi nước đạt +{few},{few} m.",
         "Bà con be bờ giữ nước, dọn cỏ kênh nội đồng; nghiêm cấm đắp chặn dòng.",
         "Giống lúa khuyến cáo: Bắc thơm số 7, Thái Xuyên 111, nếp 97; không gieo giống lạ.",
         "Thủy lợi phí nội đồng thu {few} kg thóc một sào, quy ra tiền là {money}."),
        ("Tổ thủy nông trực tại kênh chính: anh {person}, máy {phone}.",),
    ),
    Topic(
        "tiêm vắc xin phòng bệnh dại và dịch tả lợn châu Phi",
        "Để chủ động khống chế dịch bệnh, Ban chăn nuôi thú y xã tổ chức tiêm phòng đợt {few} năm {year}:",
        ("Chó, mèo từ {few} tháng tuổi trở lên đều phải tiêm; giá {some}.000 đồng một mũi.",
         "Tổng đàn lợn cần tiêm là {many} con, hộ chăn nuôi nhỏ được hỗ trợ {percent} tiền vắc xin.",
         "Lợn ốm chết phải báo thú y, chôn với vôi bột; cấm bán chạy, cấm vứt xác ra sông.",
         "Lịch tiêm: {hamlet} sáng {date}; {hamlet} chiều cùng ngày.",
         "Người bị chó cắn rửa vết thương bằng xà phòng 15 phút rồi đến Trạm Y tế ngay."),
        ("Cán bộ thú y: {person}, điện thoại {phone}.",),
    ),
    Topic(
        "giải bóng chuyền hơi và hội diễn văn nghệ quần chúng",
        "Chào mừng ngày hội Đại đoàn kết toàn dân tộc, xã tổ chức giải bóng chuyền hơi nữ và đêm hội diễn văn nghệ.",
        ("Mỗi {unit} cử một đội gồm {few} người, tuổi từ 35 đến 60.",
         "Khai mạc {hour}, {date} tại {place}; bốc thăm thi đấu trước một buổi.",
         "Giải nhất {money}, giải nhì {money}, hai giải ba đồng hạng kèm cờ lưu niệm.",
         "Tiết mục dự thi dài không quá {few} phút, ưu tiên dân ca, hò khoan, hát chèo.",
         "Đăng ký với Đoàn Thanh niên xã trước {date}."),
        ("Kính mời bà con tới xem và cổ vũ thật đông.",),
    ),
    Topic(
        "hiến máu tình nguyện và khám bệnh miễn phí cho người cao tuổi",
        "Hội Chữ thập đỏ xã cùng đoàn bác sĩ tình nguyện tổ chức khám, cấp thuốc miễn phí và tiếp nhận máu.",
        ("Người hiến máu từ 18 đến 60 tuổi, nặng trên 45 kg, mang căn cước.",
         "Người cao tuổi được đo huyết áp, thử đường huyết, soi mắt và tư vấn dinh dưỡng.",
         "Dự kiến có {some} đơn vị máu và {many} lượt người khám.",
         "Nhớ ăn nhẹ, không uống rượu bia trước khi hiến máu {few} giờ."),
        ("Thời gian: từ {hour} đến {hour}, {date}. Địa điểm: {place}.", "Đầu mối: bà {person}, Chủ tịch Hội, {phone}."),
    ),
    Topic(
        "ứng phó với mưa lớn, lũ ống và sạt lở đất",
        "Do ảnh hưởng của rãnh áp thấp, từ đêm {date} xã ta có mưa to đến rất to, lượng mưa phổ biến {some}0 - 2{some} mm.",
        ("Các hộ sống ven suối, dưới ta luy dương ở {hamlet} chủ động di dời trước {hour}.",
         "Cấm người và xe qua ngầm tràn khi nước ngập quá {few}0 cm; dân quân chốt chặn hai đầu.",
         "Không vớt củi, không đánh cá trên sông suối trong khi lũ lên.",
         "Chuẩn bị lương khô, nước uống, đèn pin, thuốc men đủ dùng {few} ngày.",
         "Trưởng {unit} gõ kẻng, đánh trống báo động khi nước lên nhanh."),
        ("Trực ban phòng, chống thiên tai: {phone} (gặp đồng chí {person}).", "Yêu cầu nghiêm túc thực hiện."),
    ),
)

#: short slogans and verses for papers in big type
SLOGANS: tuple[str, ...] = (
    "ĐI HỌP ĐÔNG ĐỦ, ĐÚNG GIỜ", "NGÀY HỘI TOÀN DÂN BẢO VỆ AN NINH TỔ QUỐC", "KHÔNG VỨT RÁC RA ĐƯỜNG", "MẤT ĐIỆN CHỦ NHẬT NÀY",
    "CHỢ PHIÊN NGHỈ HỌP", "NHẬN GẠO CỨU ĐÓI GIÁP HẠT", "CẤM ĐỔ PHẾ THẢI", "TIÊM PHÒNG CHÓ MÈO",
)
VERSES: tuple[str, ...] = (
    "Ai về quê cũ chiều nay", "Nghe con sáo hót trên cây gạo già", "Dòng sông uốn khúc qua nhà", "Mái trường ngói đỏ, sân ga thuở nào",
    "Mẹ ngồi giặt áo cầu ao", "Cha đi cấy muộn ngôi sao đầu ngàn", "Gió đưa mùi rạ mênh mang", "Trẻ con ríu rít gọi làng vào đêm",
    "Thương nhau câu hát nối thêm", "Bậu đi trẩy hội nhớ têm miếng trầu", "Cánh cò bay bổng về đâu", "Đồng xanh thẳng cánh một màu yêu thương",
)
#: openings and bodies of newsletter pieces: (headline, sentences)
STORIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Người giữ lửa cho nghề đan cói", (
        "Ở tuổi {some}, cụ {person} vẫn ngồi bên khung cửi mỗi sớm, tay thoăn thoắt bắt từng sợi cói vàng óng.",
        "Nghề đan cói của {hamlet} có từ thời các cụ lập ấp, nuôi sống bao lớp người qua những năm mất mùa.",
        "Nay tổ hợp tác có {some} chị em, mỗi người thu nhập chừng {few},{few} triệu đồng một tháng.",
        "Cụ bảo: “Còn người học là còn nghề, tôi chẳng giấu ai điều gì”.",
        "Sản phẩm chiếu, giỏ, mũ đã theo các chuyến hàng ra tận hải đảo.")),
    ("Con đường mang tên lòng dân", (
        "Con đường dài {many} m nối {hamlet} với trục liên xã vừa được thông xe trong niềm vui của bà con.",
        "Để có mặt bằng, {some} hộ đã hiến gần 2.000 m² đất vườn, phá bỏ hàng trăm mét tường rào.",
        "Ông {person} tâm sự rằng đất thì quý, nhưng đường rộng cho con cháu đi học còn quý hơn.",
        "Nhà nước hỗ trợ xi măng, dân góp công và {money} mỗi khẩu.",
        "Hai bên đường, chị em phụ nữ đã kịp trồng hoa mười giờ, hoa chiều tím.")),
    ("Mô hình nuôi ốc nhồi cho thu nhập khá", (
        "Từ mảnh ruộng trũng cấy một vụ bấp bênh, anh {person} mạnh dạn đào ao thả ốc nhồi.",
        "Vụ đầu thất bại vì nắng nóng, anh học cách thả bèo, làm giàn mướp che mát mặt ao.",
        "Đến nay gia đình có {few} ao, mỗi năm bán ra {some} tạ ốc thương phẩm, trừ chi phí còn lãi {money}.",
        "Anh sẵn lòng cho bà con mượn giống, cuối vụ mới hoàn lại.")),
    ("Lớp học xóa mù chữ ban đêm", (
        "Bảy giờ tối, khi bếp đã tắt lửa, lớp học của cô giáo {person} lại sáng đèn.",
        "Học trò là những người mẹ, người bà tuổi ngoài năm mươi, tay quen cầm cuốc nay nắn nót từng nét chữ.",
        "Sau {few} tháng, {some} học viên đã đọc được biển báo, ký được tên mình vào sổ tiết kiệm.",
        "Có bà cụ nói vui rằng biết chữ rồi, đi chợ không sợ nhầm tiền nữa.")),
    ("Tổ tự quản giữ bình yên xóm nhỏ", (
        "Suốt {few} năm qua, {hamlet} không xảy ra vụ trộm cắp nào nhờ tổ tự quản gồm {some} thành viên.",
        "Mỗi tối, các bác cựu chiến binh chia ca đi tuần, nhắc nhở thanh niên không tụ tập quá khuya.",
        "Camera an ninh do bà con góp tiền lắp ở {few} ngã ba phát huy tác dụng rõ rệt.",
        "Mâu thuẫn nhỏ được hòa giải ngay tại bàn trà nhà văn hóa.")),
)
